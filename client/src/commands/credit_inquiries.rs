//! `assay credit inquiries`: who asked for whose credit (rules, section 2).

use super::{
    context::Context,
    credit_inquire::purpose_words,
    credit_show::parse_subject,
    show::{address, date, short, TextTable},
};
use crate::{
    chain::{api, Chain},
    subject::{ConsortiumKey, ConsortiumKeyArgs},
};
use assay_primitives::{
    inquiry::{
        InquiryId, ListedInquiry, PackInquiries, Scope, MAX_LISTED_INQUIRIES,
        MAX_PACKS_LOOKED_THROUGH,
    },
    AccountId, PackId, Subject,
};
use clap::Args;
use serde_json::{json, Value as Json};
use std::collections::BTreeMap;

#[derive(Debug, Args)]
pub struct InquiriesArgs {
    /// Show those for this subject, 32 hexadecimal digits; by default all inquiries of the log
    #[arg(value_name = "SUBJECT", conflicts_with_all = ["id", "pack"])]
    subject: Option<String>,
    /// Show those for this national identifier, hashed here with the consortium's key
    #[arg(long, value_name = "NATIONAL-ID", conflicts_with = "pack")]
    id: Option<String>,
    /// Show those for all obligors of this pack, and its assessments
    #[arg(long)]
    pack: Option<PackId>,
    /// First inquiry of the log to show
    #[arg(long, default_value_t = 0, value_name = "INQUIRY")]
    from: InquiryId,
    #[command(flatten)]
    consortium: ConsortiumKeyArgs,
}

/// Names of organisations by account.
struct Names(BTreeMap<AccountId, String>);

impl Names {
    async fn read(chain: &Chain) -> anyhow::Result<Names> {
        let all = api::organisations(chain, None).await?;
        let named = all.into_iter().map(|(account, found)| (account, found.display_name()));
        Ok(Names(named.collect()))
    }

    fn of(&self, account: &AccountId) -> String {
        self.0.get(account).cloned().unwrap_or_else(|| address(account))
    }
}

/// Runs the command.
pub async fn run(context: &Context, args: &InquiriesArgs) -> anyhow::Result<()> {
    let subject = match (&args.subject, &args.id) {
        (Some(given), _) => Some(parse_subject(given)?),
        (None, Some(identifier)) => {
            let key = ConsortiumKey::from_args(&args.consortium)?;
            Some(Subject(key.subject(identifier)))
        }
        (None, None) => None,
    };
    let chain = context.chain().await?;
    let names = Names::read(&chain).await?;
    match (subject, args.pack) {
        (Some(subject), _) => of_subject(context, &chain, &names, subject).await,
        (None, Some(pack)) => of_pack(context, &chain, &names, pack).await,
        (None, None) => all(context, &chain, &names, args.from).await,
    }
}

async fn all(
    context: &Context,
    chain: &Chain,
    names: &Names,
    from: InquiryId,
) -> anyhow::Result<()> {
    let at = Some(chain.best().await?.hash);
    let mut listed: Vec<ListedInquiry> = Vec::new();
    let mut next = from;
    loop {
        let part = api::inquiries(chain, next, MAX_LISTED_INQUIRIES, at).await?;
        let Some((last, _)) = part.last() else { break };
        next = last.saturating_add(1);
        listed.extend(part);
    }
    let objects: Vec<Json> = listed.iter().map(|inquiry| inquiry_json(inquiry, names)).collect();
    context.output.result(&json!({ "inquiries": objects }), inquiry_table(&listed, names))
}

async fn of_pack(
    context: &Context,
    chain: &Chain,
    names: &Names,
    pack: PackId,
) -> anyhow::Result<()> {
    let at = Some(chain.best().await?.hash);
    let found = api::pack_inquiries(chain, pack, at).await?;
    let recent = named(chain, &found, at).await?;
    let object = pack_json(&found, &recent, names);
    let said = format!(
        "pack {pack}: {} inquiries, {} assessments\n\n{}\n\n{}",
        found.asked.count,
        found.assessments.len(),
        inquiry_table(&recent, names),
        assessment_table(std::slice::from_ref(&found), names)
    );
    context.output.result(&object, said)
}

/// The last inquiries that named a pack.
async fn named(
    chain: &Chain,
    found: &PackInquiries,
    at: api::At,
) -> anyhow::Result<Vec<ListedInquiry>> {
    let mut listed = Vec::new();
    for number in &found.asked.recent {
        listed.extend(api::inquiries(chain, *number, 1, at).await?);
    }
    Ok(listed)
}

async fn of_subject(
    context: &Context,
    chain: &Chain,
    names: &Names,
    subject: Subject,
) -> anyhow::Result<()> {
    let at = Some(chain.best().await?.hash);
    let direct = api::subject_inquiries(chain, subject, at).await?;
    let mut packs: Vec<PackInquiries> = Vec::new();
    let mut next = Some(0);
    while let Some(from) = next {
        let limit = MAX_PACKS_LOOKED_THROUGH;
        let part = api::inquiries_in_packs(chain, subject, from, limit, at).await?;
        packs.extend(part.packs);
        next = part.next;
    }
    let by_packs: u64 = packs.iter().map(|pack| u64::from(pack.asked.count)).sum();
    let assessments: usize = packs.iter().map(|pack| pack.assessments.len()).sum();
    let mut objects = Vec::new();
    let mut recent = direct.recent.clone();
    for pack in &packs {
        let of_pack = named(chain, pack, at).await?;
        objects.push(pack_json(pack, &of_pack, names));
        recent.extend(of_pack);
    }
    recent.sort_by_key(|(number, _)| *number);
    let object = json!({
        "subject": subject.to_string(),
        "direct": direct.count,
        "by_packs": by_packs,
        "assessments": assessments,
        "recent": direct.recent.iter().map(|inquiry| inquiry_json(inquiry, names))
            .collect::<Vec<_>>(),
        "packs": objects,
    });
    let said = format!(
        "subject {subject}: {} inquiries of its own, {by_packs} for packs that hold it, \
         {assessments} assessments that scored it\n\n{}\n\n{}",
        direct.count,
        inquiry_table(&recent, names),
        assessment_table(&packs, names)
    );
    context.output.result(&object, said)
}

fn whom(scope: &Scope) -> String {
    match scope {
        Scope::Subjects(subjects) => match subjects.as_slice() {
            [only] => format!("subject {only}"),
            several => format!("{} subjects", several.len()),
        },
        Scope::Pack(pack) => format!("pack {pack}"),
    }
}

fn inquiry_table(listed: &[ListedInquiry], names: &Names) -> TextTable {
    let mut table =
        TextTable::new(&[">inquiry", "by", "for", "purpose", "date", ">block", "consent"]);
    for (number, inquiry) in listed {
        table.row([
            number.to_string(),
            names.of(&inquiry.by),
            whom(&inquiry.scope),
            purpose_words(&inquiry.purpose),
            date(inquiry.at_secs),
            inquiry.at.to_string(),
            short(&inquiry.consent_hash.0),
        ]);
    }
    table
}

fn assessment_table(packs: &[PackInquiries], names: &Names) -> TextTable {
    let mut table =
        TextTable::new(&[">pack", ">assessment", "by", "contract", "policy", "date", ">block"]);
    for pack in packs {
        for assessment in &pack.assessments {
            table.row([
                pack.pack.to_string(),
                assessment.assessment.to_string(),
                names.of(&assessment.by),
                short(&assessment.contract.0),
                short(&assessment.policy.0),
                date(assessment.at_secs),
                assessment.at.to_string(),
            ]);
        }
    }
    table
}

fn inquiry_json((number, inquiry): &ListedInquiry, names: &Names) -> Json {
    let (pack, subjects) = match &inquiry.scope {
        Scope::Pack(pack) => (Some(*pack), None),
        Scope::Subjects(subjects) => {
            (None, Some(subjects.iter().map(Subject::to_string).collect::<Vec<_>>()))
        }
    };
    json!({
        "inquiry": number,
        "by": address(&inquiry.by),
        "organisation": inquiry.organisation,
        "name": names.of(&inquiry.by),
        "pack": pack,
        "subjects": subjects,
        "purpose": purpose_words(&inquiry.purpose),
        "consent_hash": format!("{:?}", inquiry.consent_hash),
        "block": inquiry.at,
        "at_secs": inquiry.at_secs,
    })
}

fn pack_json(found: &PackInquiries, recent: &[ListedInquiry], names: &Names) -> Json {
    let assessments: Vec<Json> = found
        .assessments
        .iter()
        .map(|assessment| {
            json!({
                "assessment": assessment.assessment,
                "by": address(&assessment.by),
                "name": names.of(&assessment.by),
                "contract": format!("{:?}", assessment.contract),
                "policy": format!("{:?}", assessment.policy),
                "scored": assessment.scored,
                "block": assessment.at,
                "at_secs": assessment.at_secs,
            })
        })
        .collect();
    json!({
        "pack": found.pack,
        "inquiries": found.asked.count,
        "recent": recent.iter().map(|inquiry| inquiry_json(inquiry, names)).collect::<Vec<_>>(),
        "assessments": assessments,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn should_name_the_subject_when_it_is_the_only_one() {
        let of = |subjects: Vec<Subject>| Scope::Subjects(subjects.try_into().unwrap());
        let one = Subject([1; 16]);
        assert_eq!(whom(&of(vec![one])), format!("subject {one}"));
        assert_eq!(whom(&of(vec![one, Subject([2; 16])])), "2 subjects");
        assert_eq!(whom(&Scope::Pack(4)), "pack 4");
    }
}
