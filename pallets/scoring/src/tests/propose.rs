use super::mock::*;
use crate::{Error, Event};
use assay_primitives::{
    scoring::{ArtifactBytes, ContractInfo, ContractStatus},
    Name,
};
use assay_risk::{
    artifact::{Artifact, BranchLayer, Conv1d, Layer, Orientation, Select},
    rates::{Calibration, CalibrationEntry},
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

fn propose(artifact: &Artifact) -> Result<(), DispatchError> {
    Scoring::propose(signed(1), name("Model"), 0, FEATURES_HASH, bytes(artifact), calibration())
}

fn propose_with(calibration: Calibration) -> Result<(), DispatchError> {
    Scoring::propose(signed(1), name("Model"), 0, FEATURES_HASH, bytes(&artifact()), calibration)
}

fn propose_named(name: Name) -> Result<(), DispatchError> {
    Scoring::propose(signed(1), name, 0, FEATURES_HASH, bytes(&artifact()), calibration())
}

fn propose_under(schema: u32, bytes: ArtifactBytes) -> Result<(), DispatchError> {
    Scoring::propose(signed(1), name("Model"), schema, FEATURES_HASH, bytes, calibration())
}

#[test]
fn should_store_the_contract_and_tell_it_when_proposed() {
    run(|| {
        let artifact = artifact();
        assert_ok!(propose(&artifact));
        let contract = id(&artifact);
        let expected = ContractInfo {
            name: name("Model"),
            version: 1,
            status: ContractStatus::Proposed,
            schema: 0,
            proposer: account(1),
            proposed_at: 1,
            approved_at: None,
            revocation: None,
            score_min: 1,
            score_max: 255,
            orientation: Orientation::HigherIsRiskier,
            calibration: calibration(),
        };
        assert_eq!(Scoring::contract(&contract), Some(expected));
        assert_eq!(Scoring::artifact(&contract), Some(bytes(&artifact).into_inner()));
        System::assert_last_event(
            Event::Proposed {
                contract,
                name: name("Model"),
                version: 1,
                schema: 0,
                proposer: account(1),
                features: 1,
                layers: 1,
                weights: 1,
                score_min: 1,
                score_max: 255,
                orientation: Orientation::HigherIsRiskier,
            }
            .into(),
        );
    });
}

#[test]
fn should_count_versions_by_name_when_proposed() {
    run(|| {
        let ids = [proposed(1), proposed(2), proposed_as("Other", 3), proposed(4)];
        let versions = ids.map(|id| Scoring::contract(&id).unwrap().version);
        assert_eq!(versions, [1, 2, 1, 3]);
        let listed: Vec<_> = Scoring::contracts().into_iter().map(|(id, _)| id).collect();
        assert_eq!(listed, [ids[0], ids[1], ids[3], ids[2]]);
    });
}

#[test]
fn should_accept_when_there_is_no_calibration() {
    run(|| {
        assert_ok!(propose_with(Calibration::default()));
    });
}

#[test]
fn should_refuse_when_the_role_is_missing() {
    run(|| {
        let propose_by = |origin| {
            let bytes = bytes(&artifact());
            Scoring::propose(origin, name("Model"), 0, FEATURES_HASH, bytes, calibration())
        };
        assert_noop!(propose_by(signed(2)), NOT_PERMITTED);
        assert_noop!(propose_by(council()), DispatchError::BadOrigin);
    });
}

#[test]
fn should_refuse_when_the_name_is_empty_or_not_utf8() {
    run(|| {
        assert_noop!(propose_named(name("")), Error::<Test>::NameEmpty);
        let broken = Name::try_from(vec![0xff]).unwrap();
        assert_noop!(propose_named(broken), Error::<Test>::NameNotUtf8);
    });
}

#[test]
fn should_refuse_when_the_artifact_was_proposed_before() {
    run(|| {
        proposed(1);
        assert_noop!(propose(&numbered(1)), Error::<Test>::AlreadyExists);
        let same = bytes(&numbered(1));
        let again =
            Scoring::propose(signed(1), name("Other"), 1, FEATURES_HASH, same, calibration());
        assert_noop!(again, Error::<Test>::AlreadyExists);
    });
}

#[test]
fn should_refuse_when_the_bytes_are_not_one_artifact() {
    run(|| {
        let whole = bytes(&artifact()).into_inner();
        let mut longer = whole.clone();
        longer.push(0);
        // One feature, its count written in two bytes where one is enough.
        let mut wasteful = vec![5, 0];
        wasteful.extend(&whole[1..]);
        for wrong in [vec![], whole[..whole.len() - 1].to_vec(), longer, wasteful] {
            assert_noop!(
                propose_under(0, wrong.try_into().unwrap()),
                Error::<Test>::ArtifactUndecodable
            );
        }
    });
}

#[test]
fn should_refuse_when_the_schema_is_unknown() {
    run(|| {
        assert_noop!(propose_under(2, bytes(&artifact())), Error::<Test>::SchemaNotFound);
    });
}

#[test]
fn should_refuse_when_the_schema_has_other_features() {
    run(|| {
        assert_noop!(propose_under(64, bytes(&artifact())), Error::<Test>::SchemaMismatch);
    });
}

#[test]
fn should_refuse_when_the_schema_has_features_of_other_names_units_or_order() {
    run(|| {
        let other = assay_primitives::H256::repeat_byte(9);
        let bytes = bytes(&artifact());
        let proposed = Scoring::propose(signed(1), name("Model"), 0, other, bytes, calibration());
        assert_noop!(proposed, Error::<Test>::FeaturesMismatch);
    });
}

fn entry(score: u16, total: u32, defaulted: u32) -> CalibrationEntry {
    CalibrationEntry { score, total, defaulted }
}

#[test]
fn should_refuse_when_the_calibration_is_too_large() {
    run(|| {
        let entries = (1..=256).map(|score| entry(score, 1, 0)).collect();
        assert_noop!(propose_with(Calibration { entries }), Error::<Test>::CalibrationTooLarge);
    });
}

#[test]
fn should_refuse_when_the_calibration_does_not_ascend() {
    run(|| {
        for scores in [[2, 1], [2, 2]] {
            let entries = scores.map(|score| entry(score, 1, 0)).to_vec();
            assert_noop!(
                propose_with(Calibration { entries }),
                Error::<Test>::CalibrationNotSorted
            );
        }
    });
}

#[test]
fn should_refuse_when_more_loans_defaulted_than_there_were() {
    run(|| {
        assert_noop!(
            propose_with(Calibration { entries: vec![entry(1, 3, 4)] }),
            Error::<Test>::CalibrationDefaultedAboveTotal
        );
    });
}

#[test]
fn should_refuse_when_the_calibration_leaves_the_range() {
    run(|| {
        for score in [0, 256] {
            assert_noop!(
                propose_with(Calibration { entries: vec![entry(score, 1, 0)] }),
                Error::<Test>::CalibrationOutOfRange
            );
        }
    });
}

/// Asserts that the artifact is refused once it is changed so.
fn refuses(error: Error<Test>, change: impl FnOnce(&mut Artifact)) {
    let mut artifact = artifact();
    change(&mut artifact);
    assert_noop!(propose(&artifact), error);
}

fn conv(kernel: u16, stride: u16) -> Layer {
    Layer::Conv1d(Conv1d {
        channels_in: 1,
        length: 1,
        channels_out: 1,
        kernel,
        stride,
        weights: vec![1],
        bias: vec![0],
        multiplier: vec![1],
        shift: vec![0],
        relu: false,
    })
}

fn first(artifact: &mut Artifact) -> &mut assay_risk::artifact::Dense {
    match &mut artifact.layers[0] {
        Layer::Dense(dense) => dense,
        other => panic!("{other:?} is not dense"),
    }
}

#[test]
fn should_refuse_with_an_error_of_its_own_when_a_feature_is_wrong() {
    run(|| {
        refuses(Error::NoFeatures, |it| it.features.clear());
        refuses(Error::TooManyFeatures, |it| it.features = vec![feature(); 65]);
        refuses(Error::BoundsInverted, |it| it.features[0].lower = 128);
        refuses(Error::FallbackOutOfBounds, |it| it.features[0].fallback = 128);
        refuses(Error::FeatureMultiplierNotPositive, |it| it.features[0].multiplier = 0);
        refuses(Error::FeatureShiftTooLarge, |it| it.features[0].shift = 32);
    });
}

#[test]
fn should_refuse_with_an_error_of_its_own_when_a_shape_is_wrong() {
    run(|| {
        refuses(Error::NoLayers, |it| it.layers.clear());
        refuses(Error::TooManyLayers, |it| it.layers = vec![Layer::Dense(dense(1, 1)); 9]);
        refuses(Error::NoUnits, |it| it.layers = vec![Layer::Dense(dense(1, 0))]);
        refuses(Error::TooManyUnits, |it| it.layers = vec![Layer::Dense(dense(1, 129))]);
        refuses(Error::TooManyWeights, |it| {
            let sizes = [(1, 128), (128, 128), (128, 1)];
            it.layers = sizes.iter().map(|(from, to)| Layer::Dense(dense(*from, *to))).collect();
        });
        refuses(Error::InputMismatch, |it| it.layers = vec![Layer::Dense(dense(2, 1))]);
        refuses(Error::KernelDoesNotFit, |it| it.layers = vec![conv(2, 1)]);
        refuses(Error::NoStride, |it| it.layers = vec![conv(1, 0)]);
        refuses(Error::PositionOutOfRange, |it| {
            let select = BranchLayer::Select(Select { positions: vec![1] });
            it.layers.insert(0, Layer::Concat { left: vec![], right: vec![select] });
        });
        refuses(Error::OutputNotSingle, |it| it.layers = vec![Layer::Dense(dense(1, 2))]);
    });
}

#[test]
fn should_refuse_with_an_error_of_its_own_when_a_parameter_is_wrong() {
    run(|| {
        refuses(Error::WeightCountMismatch, |it| first(it).weights.push(1));
        refuses(Error::ParameterCountMismatch, |it| first(it).bias.push(1));
        refuses(Error::MultiplierNotPositive, |it| first(it).multiplier[0] = -1);
        refuses(Error::ShiftTooLarge, |it| first(it).shift[0] = 32);
        refuses(Error::AccumulatorOverflow, |it| first(it).bias[0] = i32::MAX);
    });
}

#[test]
fn should_refuse_with_an_error_of_its_own_when_the_table_is_wrong() {
    run(|| {
        refuses(Error::TableLength, |it| it.table.push(255));
        refuses(Error::ScoreRangeInverted, |it| it.score_min = 256);
        refuses(Error::TableOutOfRange, |it| it.score_max = 254);
        refuses(Error::TableTurns, |it| it.orientation = Orientation::LowerIsRiskier);
    });
}
