//! `assay credit inquire`: saying on chain whose credit is asked for, and what for (rules, section 2).

use super::{
    context::{parse_hex, wrong_use, Context},
    credit_show::parse_subject,
    member::parse_name,
};
use crate::{
    chain::call::credit,
    subject::{ConsortiumKey, ConsortiumKeyArgs},
};
use anyhow::anyhow;
use assay_primitives::{
    inquiry::{Purpose, Scope, MAX_INQUIRY_SUBJECTS},
    PackId, Subject, H256,
};
use clap::Args;
use serde_json::json;

/// Words for the purposes that need none of the member's own.
const PURPOSES: [(&str, Purpose); 4] = [
    ("credit-decision", Purpose::CreditDecision),
    ("assessment", Purpose::Assessment),
    ("surveillance", Purpose::Surveillance),
    ("audit", Purpose::Audit),
];
/// Before the words of another purpose.
const OTHER: &str = "other:";

#[derive(Debug, Args)]
pub struct InquireArgs {
    /// Subjects, 32 hexadecimal digits each
    #[arg(value_name = "SUBJECT", required_unless_present_any = ["id", "pack"], conflicts_with = "pack")]
    subjects: Vec<String>,
    /// A national identifier, hashed here with the consortium's key; may be given more than once
    #[arg(long, value_name = "NATIONAL-ID", conflicts_with = "pack")]
    id: Vec<String>,
    /// Every obligor of this pack
    #[arg(long)]
    pack: Option<PackId>,
    /// credit-decision, assessment, surveillance, audit, or other:WORDS
    #[arg(long)]
    purpose: String,
    /// Hash of the subjects' consent, which stays with you: 64 hexadecimal digits
    #[arg(long, value_name = "HASH")]
    consent: String,
    #[command(flatten)]
    consortium: ConsortiumKeyArgs,
}

/// Runs the command.
pub async fn run(context: &Context, args: &InquireArgs) -> anyhow::Result<()> {
    let scope = scope(args)?;
    let purpose = parse_purpose(&args.purpose)?;
    let consent_hash = match parse_hex(&args.consent) {
        Some(bytes) => H256(bytes),
        None => {
            return wrong_use(format!(
                "\"{}\" is no hash of a consent, which has 64 hexadecimal digits",
                args.consent
            ))
        }
    };
    let key = context.key()?;
    let chain = context.chain().await?;
    let call = credit::inquire(&scope, &purpose, consent_hash);
    let receipt = chain.submit(&key, call, context.wait).await?;
    let told =
        |field| receipt.event("CreditRegistry", "Inquired").and_then(|event| event.number(field));
    let (number, subjects) = (told("inquiry"), told("subjects"));
    let object = json!({
        "inquiry": number,
        "pack": args.pack,
        "subjects": subjects,
        "purpose": purpose_words(&purpose),
        "consent_hash": format!("{consent_hash:?}"),
        "block": receipt.block_number,
    });
    let whom = match args.pack {
        Some(pack) => format!("the {} loans of pack {pack}", subjects.unwrap_or_default()),
        None => format!("{} subjects", subjects.unwrap_or_default()),
    };
    let said = format!(
        "inquiry {} for {whom} (block {})",
        number.unwrap_or_default(),
        receipt.block_number
    );
    context.output.result(&object, said)
}

/// Whose credit the arguments name.
fn scope(args: &InquireArgs) -> anyhow::Result<Scope> {
    if let Some(pack) = args.pack {
        return Ok(Scope::Pack(pack));
    }
    let mut subjects: Vec<Subject> =
        args.subjects.iter().map(|given| parse_subject(given)).collect::<anyhow::Result<_>>()?;
    if !args.id.is_empty() {
        let key = ConsortiumKey::from_args(&args.consortium)?;
        subjects.extend(args.id.iter().map(|identifier| Subject(key.subject(identifier))));
    }
    subjects.sort();
    subjects.dedup();
    let subjects = subjects
        .try_into()
        .map_err(|_| anyhow!("an inquiry names at most {MAX_INQUIRY_SUBJECTS} subjects"))?;
    Ok(Scope::Subjects(subjects))
}

fn parse_purpose(words: &str) -> anyhow::Result<Purpose> {
    if let Some(own) = words.strip_prefix(OTHER) {
        return Ok(Purpose::Other(parse_name(own)?));
    }
    match PURPOSES.iter().find(|(word, _)| *word == words) {
        Some((_, purpose)) => Ok(purpose.clone()),
        None => {
            let known: Vec<&str> = PURPOSES.iter().map(|(word, _)| *word).collect();
            wrong_use(format!(
                "there is no purpose \"{words}\"; there are {}, and {OTHER}WORDS",
                known.join(", ")
            ))
        }
    }
}

/// The words for a purpose, as they are given.
pub fn purpose_words(purpose: &Purpose) -> String {
    match PURPOSES.iter().find(|(_, known)| known == purpose) {
        Some((word, _)) => (*word).into(),
        None => match purpose {
            Purpose::Other(words) => format!("{OTHER}{}", String::from_utf8_lossy(words)),
            known => format!("{known:?}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn should_say_a_purpose_in_the_words_that_it_is_given_in() {
        for words in ["credit-decision", "assessment", "surveillance", "audit", "other:a court"] {
            assert_eq!(purpose_words(&parse_purpose(words).unwrap()), words);
        }
    }

    #[test]
    fn should_name_the_purposes_when_one_is_unknown() {
        let message = parse_purpose("curiosity").unwrap_err().to_string();
        assert!(message.contains("credit-decision") && message.contains("other:"), "{message}");
        assert!(parse_purpose("other:").is_err());
    }

    #[test]
    fn should_sort_subjects_and_name_each_once_when_given_in_any_order() {
        let digits = |byte: u8| hex::encode([byte; 16]);
        let args = InquireArgs {
            subjects: vec![digits(2), digits(1), digits(2)],
            id: vec![],
            pack: None,
            purpose: "audit".into(),
            consent: hex::encode([1; 32]),
            consortium: ConsortiumKeyArgs::default(),
        };
        let expected = vec![Subject([1; 16]), Subject([2; 16])];
        assert_eq!(scope(&args).unwrap(), Scope::Subjects(expected.try_into().unwrap()));
    }
}
