//! How well a ranking tells defaults from the rest.

/// The share of pairs of a default and another in which the default has the higher value, ties
/// counting half: the area under the ROC curve. One half when either kind is missing.
pub fn auc<T: PartialOrd + Copy>(values: &[T], bad: &[bool]) -> f64 {
    let mut half_pairs = 0_u128;
    let mut good_below = 0_u128;
    for (goods, bads) in groups(values, bad) {
        half_pairs += u128::from(bads) * (2 * good_below + u128::from(goods));
        good_below += u128::from(goods);
    }
    let bads = bad.iter().filter(|bad| **bad).count() as f64;
    let pairs = bads * good_below as f64;
    if pairs == 0.0 {
        return 0.5;
    }
    half_pairs as f64 / (2.0 * pairs)
}

/// Kolmogorov-Smirnov: the largest distance between the shares of good and bad up to any value.
pub fn ks<T: PartialOrd + Copy>(values: &[T], bad: &[bool]) -> f64 {
    let all_bad = bad.iter().filter(|bad| **bad).count() as f64;
    let all_good = bad.len() as f64 - all_bad;
    let (mut good_below, mut bad_below, mut largest) = (0.0, 0.0, 0.0_f64);
    for (goods, bads) in groups(values, bad) {
        good_below += goods as f64;
        bad_below += bads as f64;
        largest = largest.max((good_below / all_good - bad_below / all_bad).abs());
    }
    if largest.is_finite() {
        largest
    } else {
        0.0
    }
}

/// Good and bad of each distinct value, ascending.
fn groups<T: PartialOrd + Copy>(values: &[T], bad: &[bool]) -> Vec<(u64, u64)> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|a, b| {
        values[*a].partial_cmp(&values[*b]).unwrap_or(std::cmp::Ordering::Equal)
    });
    let mut groups: Vec<(u64, u64)> = Vec::new();
    let mut last = None;
    for row in order {
        if last != Some(values[row]) {
            groups.push((0, 0));
            last = Some(values[row]);
        }
        if let Some((goods, bads)) = groups.last_mut() {
            *goods += u64::from(!bad[row]);
            *bads += u64::from(bad[row]);
        }
    }
    groups
}

/// The probability that a logit stands for.
pub fn sigmoid(logit: f32) -> f64 {
    1.0 / (1.0 + f64::from(-logit).exp())
}

/// Mean of `-ln` of the probability given to what happened.
pub fn log_loss(logits: &[f32], bad: &[bool]) -> f64 {
    mean(logits, bad, |probability, bad| {
        -(if bad { probability } else { 1.0 - probability }).max(1e-12).ln()
    })
}

/// Share of the rows whose probability is on the wrong side of one half.
pub fn zero_one_loss(logits: &[f32], bad: &[bool]) -> f64 {
    mean(logits, bad, |probability, bad| f64::from(u8::from((probability >= 0.5) != bad)))
}

fn mean(logits: &[f32], bad: &[bool], loss: impl Fn(f64, bool) -> f64) -> f64 {
    let sum: f64 = logits.iter().zip(bad).map(|(logit, bad)| loss(sigmoid(*logit), *bad)).sum();
    sum / logits.len().max(1) as f64
}
