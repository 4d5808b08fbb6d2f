//! Why a network can't be imported.

use super::{proto::MAX_BYTES, proto::MAX_NODES, tensor::MAX_NUMBERS, walk::SUPPORTED};

/// Why a network can't be imported. Nodes are named as the graph names them, with their operator.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ImportFault {
    #[error("no ONNX file: {0}; export the network again, and copy the whole file")]
    NotOnnx(String),
    #[error(
        "the file has {bytes} bytes; at most {MAX_BYTES} are read, and a contract's weights take a \
         fraction of it"
    )]
    TooLarge { bytes: usize },
    #[error("the file holds no graph with nodes and outputs; export the network again")]
    Empty,
    #[error("the graph has {count} nodes; at most {MAX_NODES} are read")]
    TooManyNodes { count: usize },
    #[error(
        "operator set {domain} {version} is not known; {oldest} to {newest} are: export with an \
         operator set (opset_version, target_opset) of at most {newest}"
    )]
    Opset { domain: String, version: i64, oldest: i64, newest: i64 },
    #[error(
        "\"{what}\" is {found}; float32 and float64 can be read (and int64 for shapes and \
         indices): export without half precision and without quantisation"
    )]
    ElementType { what: String, found: String },
    #[error(
        "\"{name}\" lies in another file; export with all weights inside (external_data=False)"
    )]
    ExternalData { name: String },
    #[error("\"{name}\" has the shape {dims:?}; at most {MAX_NUMBERS} numbers on 8 axes are read")]
    TensorShape { name: String, dims: Vec<i64> },
    #[error("\"{name}\" needs {needed} numbers for its shape and has {found}; export again")]
    TensorLength { name: String, needed: usize, found: usize },
    #[error("\"{name}\" has a weight that is NaN or infinite; train the network again")]
    NotFinite { name: String },
    #[error(
        "input \"{input}\": {problem}; the network must take [rows, columns] with a fixed number of \
         columns, in the order of the MAP's features (reshape inside of the network)"
    )]
    InputShape { input: String, problem: String },
    #[error(
        "the network takes {network} inputs ({columns}), the MAP has {map} features; list the \
         network's inputs as [[feature]], in its order"
    )]
    OtherInputs { network: usize, columns: String, map: usize },
    #[error("the network has outputs {outputs}; name the probability's one with --output")]
    WhichOutput { outputs: String },
    #[error("there is no output \"{name}\"; the network has {outputs}")]
    NoSuchOutput { name: String, outputs: String },
    #[error(
        "output \"{name}\" is no float tensor; export with zipmap off \
         (options={{\"zipmap\": False}})"
    )]
    NotAProbability { name: String },
    #[error("{node}: the operator is not supported; supported are {list}", list = SUPPORTED.join(", "))]
    UnknownOperator { node: String },
    #[error("{node}: \"{name}\" is no input and no supported output of any node")]
    Unmade { node: String, name: String },
    #[error("{node}: the graph runs in a circle through it")]
    Cycle { node: String },
    #[error("{node}: {problem}")]
    Node { node: String, problem: String },
    #[error("{node}: {what}; a contract holds at most {most}")]
    Limit { node: String, what: String, most: usize },
    #[error("{node}: the graph computes more than can be a contract's network")]
    TooMuchWork { node: String },
    #[error(
        "{node}: clips feature \"{feature}\" to {low}..={high}, which the MAP's bounds {lower}..={upper} \
         (on chain) do not imply; set its `lower` and `upper` to what the network clips to"
    )]
    Clip { node: String, feature: String, low: f64, high: f64, lower: i32, upper: i32 },
    #[error(
        "feature \"{feature}\": the network replaces missing values by {value}, which is outside of \
         `lower` to `upper`; widen them in the MAP"
    )]
    Fallback { feature: String, value: f64 },
    #[error(
        "the network ranks defaults as the safer ones (AUC {auc:.4}): its output is the probability \
         of no default, or `bad` in the MAP lists the wrong labels; turn it with --invert"
    )]
    Inverse { auc: f64 },
}
