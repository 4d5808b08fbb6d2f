//! Why a score is what it is, in words (rules, section 3: reasons).

use crate::model_file::ModelFeature;
use assay_risk::{
    artifact::{Artifact, ArtifactFault},
    explanation,
    network::Network,
};
use serde::Serialize;
use std::fmt;

/// One feature's part in a score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainedReason {
    /// Position in the contract's features, from 0.
    pub position: u8,
    pub feature: String,
    pub unit: String,
    /// As in the profile, in the unit; none where missing, which counts as the contract's fallback.
    pub value: Option<i32>,
    /// By how much the feature raises the output; negative for one that lowers it.
    pub raise: i16,
    /// The output were the feature's quantised value 0.
    pub z_without: i16,
}

/// A score with the features that raised it, the largest raise first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    pub z: i8,
    pub score: u16,
    pub reasons: Vec<ExplainedReason>,
}

impl Explanation {
    /// Puts names, units and values to reasons that were computed elsewhere, as on chain; `raises`
    /// are (position, raise). A position without a name is called by its number.
    pub fn new(
        z: i8,
        score: u16,
        raises: &[(u8, i16)],
        features: &[ModelFeature],
        values: &[i32],
        present: u64,
    ) -> Self {
        let reason = |(position, raise): &(u8, i16)| {
            let at = usize::from(*position);
            let named = features.get(at);
            let is_present = present.checked_shr((*position).into()).unwrap_or_default() & 1 == 1;
            ExplainedReason {
                position: *position,
                feature: named
                    .map_or_else(|| format!("feature {}", at + 1), |named| named.name.clone()),
                unit: named.map(|named| named.unit.clone()).unwrap_or_default(),
                value: values.get(at).copied().filter(|_| is_present),
                raise: *raise,
                z_without: i16::from(z).saturating_sub(*raise),
            }
        };
        Self { z, score, reasons: raises.iter().map(reason).collect() }
    }
}

/// Scores a profile and says what raised its output, by the chain's own rule. None when no value is
/// present, since such a profile has no score.
///
/// # Errors
///
/// The artifact's fault when it can't be run.
pub fn explain(
    artifact: &Artifact,
    features: &[ModelFeature],
    values: &[i32],
    present: u64,
) -> Result<Option<Explanation>, ArtifactFault> {
    let mut network = Network::compile(artifact)?;
    if present == 0 {
        return Ok(None);
    }
    let z = network.logit(values, present);
    let reasons = explanation::reasons(&mut network, values, present);
    let raises: Vec<(u8, i16)> =
        reasons.iter().flatten().map(|reason| (reason.feature, reason.raise)).collect();
    Ok(Some(Explanation::new(z, network.score(z), &raises, features, values, present)))
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |reason: &ExplainedReason| {
            reason.value.map_or_else(|| "missing".to_owned(), |value| value.to_string())
        };
        let wide = |least: usize, of: &dyn Fn(&ExplainedReason) -> usize| {
            self.reasons.iter().map(of).fold(least, usize::max)
        };
        let name = wide(7, &|reason| reason.feature.chars().count());
        let unit = wide(4, &|reason| reason.unit.chars().count());
        let number = wide(5, &|reason| value(reason).len());
        writeln!(f, "score {} (output {})", self.score, self.z)?;
        write!(f, "{:name$}  {:>number$}  {:unit$}", "feature", "value", "unit")?;
        write!(f, "  {:>9}  {:>14}", "raises by", "output without")?;
        for reason in &self.reasons {
            let (feature, words) = (&reason.feature, &reason.unit);
            write!(f, "\n{feature:name$}  {:>number$}  {words:unit$}", value(reason))?;
            write!(f, "  {:>+9}  {:>14}", reason.raise, reason.z_without)?;
        }
        if self.reasons.iter().all(|reason| reason.raise <= 0) {
            write!(f, "\nno feature raised the output")?;
        } else if self.reasons.iter().any(|reason| reason.raise <= 0) {
            write!(f, "\nfeatures that raise by 0 or less did not raise the risk")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_risk::artifact::{Dense, Feature, Layer, Orientation, TABLE_ENTRIES};

    /// Output = a + 2 b - c, score = output + 127; a missing b counts as 3.
    fn artifact() -> Artifact {
        let feature = |fallback| Feature {
            lower: -100,
            upper: 100,
            fallback,
            center: 0,
            multiplier: 1,
            shift: 0,
        };
        let dense = Dense {
            inputs: 3,
            outputs: 1,
            weights: vec![1, 2, -1],
            bias: vec![0],
            multiplier: vec![1],
            shift: vec![0],
            relu: false,
        };
        Artifact {
            features: vec![feature(0), feature(3), feature(0)],
            layers: vec![Layer::Dense(dense)],
            table: (0..TABLE_ENTRIES as u16).collect(),
            score_min: 0,
            score_max: 254,
            orientation: Orientation::HigherIsRiskier,
        }
    }

    fn features() -> Vec<ModelFeature> {
        let feature =
            |name: &str, unit: &str| ModelFeature { name: name.to_owned(), unit: unit.to_owned() };
        vec![feature("arrears", "days"), feature("utilisation", "permille"), feature("age", "days")]
    }

    fn explained(values: [i32; 3], present: u64) -> Explanation {
        explain(&artifact(), &features(), &values, present).unwrap().unwrap()
    }

    #[test]
    fn should_say_what_the_output_were_without_each_feature() {
        let explanation = explained([10, 20, 5], 0b111);
        assert_eq!((explanation.z, explanation.score), (45, 172));
        let told: Vec<_> = explanation
            .reasons
            .iter()
            .map(|reason| (reason.feature.as_str(), reason.value, reason.raise, reason.z_without))
            .collect();
        assert_eq!(
            told,
            [
                ("utilisation", Some(20), 40, 5),
                ("arrears", Some(10), 10, 35),
                ("age", Some(5), -5, 50)
            ]
        );
    }

    #[test]
    fn should_call_a_value_missing_when_it_is_not_present() {
        let explanation = explained([10, 0, 0], 0b101);
        let utilisation = &explanation.reasons[1];
        assert_eq!((utilisation.value, utilisation.raise), (None, 6));
        assert!(explanation.to_string().contains("missing  permille"), "{explanation}");
    }

    #[test]
    fn should_explain_nothing_when_no_value_is_present() {
        assert_eq!(explain(&artifact(), &features(), &[0; 3], 0).unwrap(), None);
    }

    #[test]
    fn should_refuse_an_artifact_that_can_not_run() {
        let mut unsound = artifact();
        unsound.table.pop();
        assert!(explain(&unsound, &features(), &[0; 3], 1).is_err());
    }

    #[test]
    fn should_line_its_columns_up_when_printed() {
        let text = explained([10, 20, 5], 0b111).to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "score 172 (output 45)");
        assert_eq!(lines[1], "feature      value  unit      raises by  output without");
        assert_eq!(lines[2], "utilisation     20  permille        +40               5");
        assert!(lines[5].contains("did not raise the risk"), "{text}");
        assert!(lines.iter().all(|line| line.len() <= 100));
    }

    #[test]
    fn should_say_so_when_no_feature_raised_the_output() {
        let text = explained([-10, -20, 5], 0b111).to_string();
        assert!(text.ends_with("no feature raised the output"), "{text}");
    }

    #[test]
    fn should_keep_names_and_units_apart_when_written_as_json() {
        let json = serde_json::to_value(explained([10, 20, 5], 0b111)).unwrap();
        let reason = serde_json::json!({
            "position": 1, "feature": "utilisation", "unit": "permille", "value": 20,
            "raise": 40, "z_without": 5,
        });
        assert_eq!(json["reasons"][0], reason);
        assert_eq!(json["z"], 45);
    }

    #[test]
    fn should_number_features_when_their_names_are_unknown() {
        let explanation = Explanation::new(9, 1, &[(70, 4)], &features(), &[1], u64::MAX);
        let reason = &explanation.reasons[0];
        assert_eq!((reason.feature.as_str(), reason.value), ("feature 71", None));
        assert_eq!(reason.z_without, 5);
    }
}
