//! How a pack is graded and rated, as options on the command line (rules, sections 4 to 6).

use crate::ratio::{self, Ratio, ONE_PPB};
use assay_primitives::pack::{PackView, ViewFault};
use assay_risk::{
    grading::Scale,
    rates::{Basis, Method, RateOptions, Weights},
    screening::{Mode, Request},
};
use clap::{Args, ValueEnum};

/// Levels of equal width when nothing else is said.
const DEFAULT_LEVELS: u8 = 10;
/// The step of a screening by level when nothing else is said: 1 %.
const DEFAULT_STEP: &str = "1%";

/// What rates are shares of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BasisWord {
    Count,
    Balance,
}

/// What an asset adds to a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RateWord {
    Observed,
    Calibrated,
}

/// Which loans leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ModeWord {
    WholePack,
    PerLevel,
}

/// Grading and rates; by default those of the pack's screening, and without one 10 levels of equal
/// width and the observed share of the loans.
#[derive(Clone, Debug, Default, Args)]
pub struct RateArgs {
    /// Rates by number of loans or by balance
    #[arg(long, value_enum)]
    basis: Option<BasisWord>,
    /// Defaults on record, or those that the contract's calibration expects
    #[arg(long, value_enum)]
    rate: Option<RateWord>,
    /// equal:10 over the contract's scores, observed:10 over the pack's own, fixed:20,40,...,100
    #[arg(long, value_parser = parse_scale)]
    scale: Option<Scale>,
    /// One weight for each level, from level 1: 20%,30%,50%
    #[arg(long, value_delimiter = ',', value_name = "PERCENT,...")]
    weights: Vec<Ratio>,
}

/// What a screening is asked for beside grading and rates.
#[derive(Clone, Debug, Args)]
pub struct ModeArgs {
    /// The bad rate to come down to
    #[arg(long)]
    target: Ratio,
    /// The riskiest loans of the pack, or the same portion of every level
    #[arg(long, value_enum, default_value = "whole-pack")]
    mode: ModeWord,
    /// By how much the portion rises at a time (per-level)
    #[arg(long, default_value = DEFAULT_STEP)]
    step: Ratio,
}

impl ModeArgs {
    /// The request on chain.
    pub fn request(&self, rates: &RateArgs) -> Result<Request, String> {
        let mode = match self.mode {
            ModeWord::WholePack => Mode::WholePack,
            ModeWord::PerLevel => {
                let step_ppb = u32::try_from(self.step.ppb)
                    .ok()
                    .filter(|ppb| (1..=ONE_PPB).contains(&u64::from(*ppb)))
                    .ok_or("the step is above 0 and at most 100 %")?;
                Mode::PerLevel { step_ppb }
            }
        };
        if self.target.ppb > ONE_PPB {
            return Err("the target is at most 100 %".into());
        }
        let request = Request { target_ppb: self.target.ppb, mode, ..plain() };
        rates.over(request)
    }
}

impl RateArgs {
    /// The request to show a pack by: its screening's, changed by what is given.
    pub fn reading(&self, view: &PackView) -> Result<Request, String> {
        let screening = view.screening.as_ref();
        self.over(screening.map_or_else(plain, |screening| screening.request.clone()))
    }

    fn over(&self, mut request: Request) -> Result<Request, String> {
        if let Some(basis) = self.basis {
            request.options.basis = match basis {
                BasisWord::Count => Basis::Count,
                BasisWord::Balance => Basis::Balance,
            };
        }
        if let Some(rate) = self.rate {
            request.options.method = match rate {
                RateWord::Observed => Method::Observed,
                RateWord::Calibrated => Method::Calibrated,
            };
        }
        if let Some(scale) = &self.scale {
            request.scale = scale.clone();
            // Weights are of the levels: others than the screening's make its weights void.
            request.options.weights = Weights::Share;
        }
        if !self.weights.is_empty() {
            let weights: Vec<u64> = self.weights.iter().map(|weight| weight.ppb).collect();
            let sum: u64 = weights.iter().fold(0, |sum, weight| sum.saturating_add(*weight));
            if sum != ONE_PPB {
                return Err(format!("the weights sum to {}, not to 100 %", ratio::show(sum)));
            }
            request.options.weights = Weights::Fixed(weights);
        }
        Ok(request)
    }
}

fn plain() -> Request {
    Request {
        scale: Scale::EqualWidth(DEFAULT_LEVELS),
        options: RateOptions {
            basis: Basis::Count,
            method: Method::Observed,
            weights: Weights::Share,
        },
        target_ppb: ONE_PPB,
        mode: Mode::WholePack,
    }
}

fn parse_scale(words: &str) -> Result<Scale, String> {
    let (kind, rest) =
        words.split_once(':').ok_or("write equal:10, observed:10 or fixed:20,40,60,80,100")?;
    let levels = || rest.parse::<u8>().map_err(|_| format!("\"{rest}\" is no number of levels"));
    match kind {
        "equal" => Ok(Scale::EqualWidth(levels()?)),
        "observed" => Ok(Scale::Observed(levels()?)),
        "fixed" => rest
            .split(',')
            .map(|bound| bound.trim().parse().map_err(|_| format!("\"{bound}\" is no score")))
            .collect::<Result<Vec<u16>, String>>()
            .map(Scale::Fixed),
        _ => Err(format!("there is no scale \"{kind}\"; there are equal, observed and fixed")),
    }
}

/// The word for a basis.
pub fn basis_word(basis: Basis) -> &'static str {
    match basis {
        Basis::Count => "count",
        Basis::Balance => "balance",
    }
}

/// The word for how rates are counted.
pub fn rate_word(method: Method) -> &'static str {
    match method {
        Method::Observed => "observed",
        Method::Calibrated => "calibrated",
    }
}

/// The mode in words.
pub fn mode_words(mode: &Mode) -> String {
    match mode {
        Mode::WholePack => "whole pack".into(),
        Mode::PerLevel { step_ppb } => {
            format!("per level, steps of {}", ratio::show(u64::from(*step_ppb)))
        }
    }
}

/// Why a table or a curve can't be given, in a sentence.
pub fn view_fault(fault: ViewFault) -> String {
    match fault {
        ViewFault::PackNotFound => "there is no such pack; `assay pack list` shows all".into(),
        ViewFault::NotAssessed => "the pack is not assessed yet; `assay pack assess` does".into(),
        ViewFault::ContractNotFound => "the pack's scoring contract is not on chain".into(),
        ViewFault::Rule(reason) => String::from_utf8_lossy(&reason).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        mode: ModeArgs,
        #[command(flatten)]
        rates: RateArgs,
    }

    fn request(words: &[&str]) -> Result<Request, String> {
        let all = std::iter::once("screen").chain(words.iter().copied());
        let line = Line::try_parse_from(all).map_err(|fault| fault.to_string())?;
        line.mode.request(&line.rates)
    }

    #[test]
    fn should_screen_the_whole_pack_by_count_when_only_a_target_is_given() {
        let request = request(&["--target", "5%"]).unwrap();
        assert_eq!(request, Request { target_ppb: 50_000_000, ..plain() });
    }

    #[test]
    fn should_take_every_option_when_all_are_given() {
        let words = [
            "--target",
            "4.97 %",
            "--mode",
            "per-level",
            "--step",
            "0.5%",
            "--basis",
            "balance",
            "--rate",
            "calibrated",
            "--scale",
            "fixed:50,80,100",
            "--weights",
            "20%,30%,50%",
        ];
        let request = request(&words).unwrap();
        assert_eq!(request.target_ppb, 49_700_000);
        assert_eq!(request.mode, Mode::PerLevel { step_ppb: 5_000_000 });
        assert_eq!(request.scale, Scale::Fixed(vec![50, 80, 100]));
        let weights = Weights::Fixed(vec![200_000_000, 300_000_000, 500_000_000]);
        let options = RateOptions { basis: Basis::Balance, method: Method::Calibrated, weights };
        assert_eq!(request.options, options);
    }

    #[test]
    fn should_refuse_what_can_be_no_screening() {
        assert!(request(&["--target", "5"]).is_err());
        assert!(request(&["--target", "101%"]).is_err());
        assert!(request(&["--target", "5%", "--mode", "per-level", "--step", "0%"]).is_err());
        assert!(request(&["--target", "5%", "--weights", "20%,30%"]).is_err());
        assert!(request(&["--target", "5%", "--scale", "wide:3"]).is_err());
    }
}
