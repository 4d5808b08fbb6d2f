use super::*;
use crate::table::map::Series;
use assay_risk::artifact::{BranchLayer, Layer};

/// The made-up borrowers, six of whose features are taken as two series of three.
fn with_series() -> (Map, Table) {
    let (mut map, table) = borrowers();
    let series = |name: &str, features: [u8; 3]| Series {
        name: name.to_owned(),
        features: features.to_vec(),
    };
    map.series = vec![series("first", [5, 4, 3]), series("second", [0, 1, 2])];
    (map, table)
}

fn conv_options() -> TrainOptions {
    TrainOptions { conv: Some(ConvOptions { filters: 4, kernel: 2, stride: 1 }), ..options() }
}

#[test]
fn should_learn_filters_over_series_when_told_to() {
    let (map, table) = with_series();
    let long = TrainOptions { epochs: 20, patience: 20, ..conv_options() };
    let model = train(&table, None, &map, "made-up", &long, &|_| ()).unwrap();
    model.artifact.check().unwrap();
    let quality = model.quality.unwrap();
    let part = &quality.training;
    let auc_float = part.auc_float.unwrap();
    assert!(auc_float > 0.68, "{auc_float}");
    assert!((auc_float - part.auc_quantised).abs() < 0.003, "{auc_float} {}", part.auc_quantised);
    assert!(part.scores_near_share.unwrap() >= 0.98, "{:?}", part.scores_near_share);
    let Layer::Concat { left, right } = &model.artifact.layers[0] else { panic!() };
    let [BranchLayer::Select(series), BranchLayer::Conv1d(conv)] = left.as_slice() else {
        panic!()
    };
    assert_eq!(series.positions, [5, 4, 3, 0, 1, 2]);
    assert_eq!((conv.channels_in, conv.length, conv.kernel), (2, 3, 2));
    let [BranchLayer::Select(beside)] = right.as_slice() else { panic!() };
    assert!(beside.positions.iter().copied().eq(0..map.features.len() as u8));
}

#[test]
fn should_give_candle_and_plain_floats_the_same_logits() {
    let (map, table) = with_series();
    let plan = conv_options().plan(&map).unwrap();
    let rows: Vec<usize> = (0..50).collect();
    let features = inputs::choose(&map.features, &table, &rows);
    let inputs = inputs::compute(&features, &table, &rows).unwrap();
    let mut random = ChaCha20Rng::seed_from_u64(1);
    let network = network::FloatNetwork::new(&plan, Init::Xavier, &mut random).unwrap();
    let width = map.features.len();
    let tensor =
        candle_core::Tensor::from_vec(inputs.clone(), (50, width), &candle_core::Device::Cpu)
            .unwrap();
    network.settle(&tensor, 0.2).unwrap();
    let expected: Vec<f32> = network.forward(&tensor).unwrap().to_vec1().unwrap();
    let layers = network.weights().unwrap();
    for (own, expected) in forward(&layers, width, &inputs).into_iter().zip(expected) {
        assert!((own - expected).abs() < 1e-4, "{own} {expected}");
    }
}

#[test]
fn should_refuse_a_convolution_when_it_does_not_fit_the_series() {
    let (map, table) = with_series();
    let conv = |filters, kernel, stride| TrainOptions {
        conv: Some(ConvOptions { filters, kernel, stride }),
        ..options()
    };
    for (refused, problem) in [
        (conv(4, 4, 1), "--kernel"),
        (conv(4, 0, 1), "--kernel"),
        (conv(0, 2, 1), "--filters"),
        (conv(4, 2, 0), "--stride"),
        (conv(60, 2, 1), "at most 128 units"),
        (TrainOptions { hidden: vec![4; 4], ..conv(4, 2, 1) }, "more than 3 layers"),
    ] {
        let failure = train(&table, None, &map, "made-up", &refused, &|_| ()).unwrap_err();
        assert!(matches!(failure, TrainFailure::Options(_)), "{failure}");
        assert!(failure.to_string().contains(problem), "{failure}");
    }
    let (plain, _) = borrowers();
    let failure = train(&table, None, &plain, "made-up", &conv(4, 2, 1), &|_| ()).unwrap_err();
    assert!(failure.to_string().contains("[[series]]"), "{failure}");
}
