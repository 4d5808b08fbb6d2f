//! The whole life of a pack on the real runtime, from reports to an issued security: every call
//! dispatched as a member would send it, jobs run as blocks would run them.

use assay_primitives::{
    credit::{Report, Schema, SchemaFeature},
    inquiry::{Purpose, Scope},
    member::Roles,
    pack::{PackStatus, PackTerms, Page, Standing},
    scoring::ContractStatus,
    security::Tranche,
    Name, Subject, H256,
};
use assay_risk::{
    artifact::{Artifact, Dense, Feature, Layer, Orientation},
    grading::Scale,
    profile::{Policy, Source},
    rates::{Basis, Calibration, Method, RateOptions, Weights},
    screening::{Mode, Request},
};
use assay_runtime::{
    AccountId, AllPalletsWithSystem, CreditRegistry, Packs, Runtime, RuntimeCall,
    RuntimeGenesisConfig, RuntimeOrigin, Scoring, Securities, System, Timestamp,
};
use codec::{Compact, Encode};
use frame_support::{
    assert_ok,
    traits::OnPoll,
    weights::{Weight, WeightMeter},
};
use sp_keyring::Ed25519Keyring;
use sp_runtime::{
    traits::{BlakeTwo256, Dispatchable, Hash},
    BuildStorage,
};

const NOW_SECS: u64 = 1_760_000_000;
const LOANS: u16 = 2_000;

fn alice() -> AccountId {
    Ed25519Keyring::Alice.to_account_id()
}

fn run(test: impl FnOnce()) {
    let storage = RuntimeGenesisConfig {
        membership: assay_membership::GenesisConfig {
            organisations: vec![(alice(), "Alice".into(), Roles::ALL)],
            ..Default::default()
        },
        ..Default::default()
    }
    .build_storage()
    .unwrap();
    sp_io::TestExternalities::new(storage).execute_with(|| {
        System::set_block_number(1);
        pallet_timestamp::Now::<Runtime>::put(NOW_SECS * 1_000);
        assert_eq!(Timestamp::get(), NOW_SECS * 1_000);
        test();
        assert_eq!(super::support::check_state(), Ok(()));
    });
}

/// Dispatches a call of Alice's.
fn send(call: impl Into<RuntimeCall>) {
    assert_ok!(call.into().dispatch(RuntimeOrigin::signed(alice())));
}

/// Dispatches a call by a motion of the council of one.
fn decide(call: impl Into<RuntimeCall>) {
    let proposal = Box::new(call.into());
    let length_bound = proposal.encoded_size() as u32;
    send(pallet_collective::Call::<Runtime, pallet_collective::Instance1>::propose {
        threshold: 1,
        proposal,
        length_bound,
    });
    let executed = System::events().into_iter().rev().find_map(|record| match record.event {
        assay_runtime::RuntimeEvent::Council(pallet_collective::Event::Executed {
            result, ..
        }) => Some(result),
        _ => None,
    });
    assert_ok!(executed.expect("a motion of one is carried at once"));
}

fn finish_jobs() {
    while !assay_packs::Jobs::<Runtime>::get().is_empty() {
        next_block(Weight::MAX);
    }
}

/// Lets the jobs work for a block within that weight, a page at the least.
fn next_block(limit: Weight) {
    let block = System::block_number() + 1;
    System::set_block_number(block);
    AllPalletsWithSystem::on_poll(block, &mut WeightMeter::with_limit(limit));
}

fn subject(place: u16) -> Subject {
    let mut bytes = [0; 16];
    bytes[..2].copy_from_slice(&(place * 32).to_be_bytes());
    Subject(bytes)
}

/// A borrower's only feature, which is also the output of the network.
fn value(place: u16) -> i32 {
    i32::from(place % 100)
}

fn has_default(place: u16) -> bool {
    u32::from(place) * 7_919 % 1_000 < (value(place) * 2) as u32
}

fn artifact() -> Artifact {
    Artifact {
        features: vec![Feature {
            lower: -127,
            upper: 127,
            fallback: 0,
            center: 0,
            multiplier: 1,
            shift: 0,
        }],
        layers: vec![Layer::Dense(Dense {
            inputs: 1,
            outputs: 1,
            weights: vec![1],
            bias: vec![0],
            multiplier: vec![1],
            shift: vec![0],
            relu: false,
        })],
        table: (0..255u16).map(|place| 1 + place * 100 / 255).collect(),
        score_min: 1,
        score_max: 100,
        orientation: Orientation::HigherIsRiskier,
    }
}

/// Schema, reports, policy and an active contract; gives the ids of contract and policy.
fn prepare() -> (H256, H256) {
    let feature = SchemaFeature {
        name: b"late".to_vec().try_into().unwrap(),
        unit: b"days".to_vec().try_into().unwrap(),
        lower: 0,
        upper: 100,
    };
    send(assay_credit_registry::Call::add_schema {
        schema: Schema {
            name: b"life".to_vec().try_into().unwrap(),
            features: vec![feature].try_into().unwrap(),
        },
    });
    let reports: Vec<_> = (0..LOANS)
        .filter(|place| place % 50 != 3)
        .map(|place| Report {
            subject: subject(place),
            observed_at_secs: NOW_SECS - 1,
            source: Source::Bank,
            has_default: has_default(place),
            document_hash: H256::zero(),
            present: 1,
            values: vec![value(place)].try_into().unwrap(),
        })
        .collect();
    for batch in reports.chunks(500) {
        let reports = batch.to_vec().try_into().unwrap();
        send(assay_credit_registry::Call::submit { schema: 0, reports });
    }
    let policy = Policy {
        max_age_secs: 10,
        weights_by_age: vec![],
        propagation: None,
        sources: vec![Source::Bank].into(),
    };
    let policy_id = CreditRegistry::policy_id(&policy);
    send(assay_credit_registry::Call::add_policy { name: name("life"), policy });
    (approve(&artifact()), policy_id)
}

/// Has the next version of the contract approved; gives its id.
fn approve(artifact: &Artifact) -> H256 {
    let bytes = artifact.encode();
    let contract = BlakeTwo256::hash(&bytes);
    let (_, _, schema) = CreditRegistry::schemas().swap_remove(0);
    send(assay_scoring::Call::propose {
        name: name("late"),
        schema: 0,
        features_hash: schema.features_hash(),
        artifact: bytes.try_into().unwrap(),
        calibration: Calibration::default(),
    });
    decide(assay_scoring::Call::approve { contract });
    contract
}

fn name(text: &str) -> Name {
    text.as_bytes().to_vec().try_into().unwrap()
}

fn submit_tape() {
    send(assay_packs::Call::open {
        terms: PackTerms {
            name: b"cars".to_vec().try_into().unwrap(),
            currency: *b"EUR",
            cut_off_secs: NOW_SECS,
            tape_hash: H256::repeat_byte(1),
        },
    });
    let places: Vec<_> = (0..LOANS).collect();
    for (number, chunk) in (0..).zip(places.chunks(512)) {
        let page = Page {
            subjects: chunk.iter().map(|place| subject(*place)).collect(),
            principals: chunk.iter().map(|place| Compact(1_000 + u128::from(*place))).collect(),
            rates_ppb: vec![1; chunk.len()],
            originated_days: vec![1; chunk.len()],
            matures_days: vec![2; chunk.len()],
            defaulted: vec![0; chunk.len().div_ceil(8)],
        };
        send(assay_packs::Call::add_page { pack: 0, number, page });
    }
    let principal_minor = (0..LOANS).map(|place| 1_000 + u128::from(place)).sum();
    send(assay_packs::Call::seal { pack: 0, loans: LOANS.into(), principal_minor });
}

#[test]
fn should_issue_a_security_under_its_target_when_the_whole_way_is_gone() {
    run(|| {
        let (contract, policy) = prepare();
        submit_tape();
        send(assay_packs::Call::assess { pack: 0, contract, policy });
        finish_jobs();
        let target_ppb = 60_000_000;
        send(assay_packs::Call::screen {
            pack: 0,
            request: Request {
                scale: Scale::EqualWidth(10),
                options: RateOptions {
                    basis: Basis::Balance,
                    method: Method::Observed,
                    weights: Weights::Share,
                },
                target_ppb,
                mode: Mode::WholePack,
            },
        });
        finish_jobs();
        send(assay_securities::Call::accept { pack: 0 });
        let figures = Securities::security(0);
        assert_eq!(figures, None);
        let kept = Packs::view(0).unwrap();
        assert_eq!(kept.pack.status, PackStatus::Accepted);
        let tranche = Tranche {
            name: b"senior".to_vec().try_into().unwrap(),
            principal_minor: 1_000_000,
            coupon_ppb: 30_000_000,
        };
        send(assay_securities::Call::issue {
            pack: 0,
            name: b"CARS 2026-1".to_vec().try_into().unwrap(),
            tranches: vec![tranche].try_into().unwrap(),
        });

        let security = Securities::security(0).unwrap();
        let figures = &security.figures;
        assert_eq!((figures.contract, figures.policy), (contract, policy));
        let versions = (figures.contract_version, figures.policy_version, figures.schema);
        assert_eq!(versions, (1, 1, 0));
        assert!(figures.bad_rate_before_ppb > target_ppb);
        assert!(figures.bad_rate_after_ppb <= target_ppb);
        let rows: Vec<_> = (0..4).flat_map(|page| Packs::loans(0, page).unwrap()).collect();
        let of = |standing| rows.iter().filter(move |row| row.standing == standing);
        assert_eq!(of(Standing::Unscored).count(), usize::from(LOANS) / 50);
        assert_eq!(of(Standing::Screened).count() as u32, figures.removed);
        let kept: u128 = of(Standing::Kept).map(|row| row.principal_minor).sum();
        let bad: u128 =
            of(Standing::Kept).filter(|row| row.bad).map(|row| row.principal_minor).sum();
        assert_eq!(kept, figures.kept_minor);
        assert_eq!((bad * 1_000_000_000).div_ceil(kept) as u64, figures.bad_rate_after_ppb);
        for (place, row) in (0..LOANS).zip(&rows) {
            let score = 1 + (value(place) + 127) as u16 * 100 / 255;
            let expected = (place % 50 != 3).then(|| (value(place) as i8, score));
            assert_eq!(row.result, expected);
        }
    });
}

/// Another contract of the same kind.
fn successor() -> Artifact {
    let mut artifact = artifact();
    artifact.features[0].fallback = 1;
    artifact
}

/// Assesses the pack, lets `interfere` loose after the first page, and ends the assessment.
fn assess_with(contract: H256, policy: H256, interfere: impl FnOnce()) {
    send(assay_packs::Call::assess { pack: 0, contract, policy });
    // Above the price of looking for jobs, below that of a page.
    next_block(Weight::from_parts(1_000_000_000, 0));
    let under_way = Packs::view(0).unwrap();
    assert_eq!(under_way.pack.status, PackStatus::Assessing);
    assert_eq!(under_way.assessment.unwrap().next_page, 1);
    interfere();
    finish_jobs();
    let view = Packs::view(0).unwrap();
    assert_eq!(view.pack.status, PackStatus::Assessed);
    let assessment = view.assessment.unwrap();
    assert_eq!((assessment.contract, assessment.contract_version), (contract, 1));
    let score = |place: u16| 1 + (value(place) + 127) as u16 * 100 / 255;
    let rows: Vec<_> = (0..4).flat_map(|page| Packs::loans(0, page).unwrap()).collect();
    for (place, row) in (0..LOANS).zip(&rows).filter(|(place, _)| place % 50 != 3) {
        assert_eq!(row.result, Some((value(place) as i8, score(place))));
    }
}

#[test]
fn should_end_under_the_version_it_began_with_when_that_is_superseded_meanwhile() {
    run(|| {
        let (contract, policy) = prepare();
        submit_tape();
        assess_with(contract, policy, || {
            let second = approve(&successor());
            assert_eq!(Scoring::contract(&second).unwrap().version, 2);
            let first = Scoring::contract(&contract).unwrap();
            assert_eq!(first.status, ContractStatus::Superseded);
        });
    });
}

#[test]
fn should_end_under_the_version_it_began_with_when_that_is_revoked_meanwhile() {
    run(|| {
        let (contract, policy) = prepare();
        submit_tape();
        assess_with(contract, policy, || {
            decide(assay_scoring::Call::revoke { contract, reason: name("wrong data") });
            let revoked = Scoring::contract(&contract).unwrap();
            assert_eq!(revoked.revocation.unwrap().reason, name("wrong data"));
        });
    });
}

#[test]
fn should_tell_who_asked_for_a_subject_when_it_was_asked_for_by_itself_and_by_its_pack() {
    run(|| {
        let (contract, policy) = prepare();
        submit_tape();
        let consent_hash = H256::repeat_byte(9);
        let (scored, unscored) = (subject(7), subject(3));
        let one = Scope::Subjects(vec![scored].try_into().unwrap());
        let purpose = Purpose::CreditDecision;
        send(assay_credit_registry::Call::inquire { scope: one, purpose, consent_hash });
        let (scope, purpose) = (Scope::Pack(0), Purpose::Assessment);
        send(assay_credit_registry::Call::inquire { scope, purpose, consent_hash });
        send(assay_packs::Call::assess { pack: 0, contract, policy });
        finish_jobs();

        assert_eq!(CreditRegistry::inquiries(0, 9).len(), 2);
        assert_eq!(CreditRegistry::subject_inquiries(&scored).count, 1);
        assert_eq!(CreditRegistry::subject_inquiries(&unscored).count, 0);
        let in_packs = |who| CreditRegistry::inquiries_in_packs(&who, 0, 9).packs.swap_remove(0);
        let found = in_packs(scored);
        assert_eq!((found.asked.count, found.assessments.len()), (1, 1));
        assert_eq!((&found.assessments[0].by, found.assessments[0].policy), (&alice(), policy));
        assert!(in_packs(unscored).assessments.is_empty());
    });
}
