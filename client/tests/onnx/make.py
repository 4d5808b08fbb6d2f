"""Makes the networks that the tests of `assay model import` read.

    python make.py sklearn|torch|keras

Each name needs its own environment: requirements.txt for scikit-learn and PyTorch,
requirements-keras.txt for Keras. Each network becomes NAME.onnx, and NAME.json holds rows of inputs
with the probability that the library itself gives them; nothing here reads an ONNX file.
"""

import json
import pathlib
import sys

import numpy

HERE = pathlib.Path(__file__).parent
ROWS = 40


def borrowers(count, seed):
    """Six monthly delays of each of two series, then age and limit; later delays weigh more."""
    random = numpy.random.default_rng(seed)
    quality = random.normal(size=count)
    months = numpy.arange(6)
    delays = numpy.clip(
        numpy.round(quality[:, None] + random.normal(size=(count, 6)) - 0.1 * months), -2, 8
    )
    drawn = numpy.round(50_000 * numpy.exp(0.4 * quality[:, None] + 0.3 * random.normal(size=(count, 6))))
    age = numpy.round(random.uniform(21, 75, size=count))
    limit = 10_000 * numpy.round(random.uniform(1, 50, size=count))
    rows = numpy.column_stack([delays, drawn, age, limit]).astype(numpy.float32)
    risk = 1.2 * quality - 0.02 * (age - 45) - limit / 400_000 - 1
    bad = random.uniform(size=count) < 1 / (1 + numpy.exp(-risk))
    return rows, bad.astype(numpy.int64)


def keep(name, onnx_bytes, rows, probabilities):
    (HERE / f"{name}.onnx").write_bytes(onnx_bytes)
    expected = {
        "rows": [[None if numpy.isnan(x) else float(x) for x in row] for row in rows],
        "probabilities": [float(p) for p in probabilities],
    }
    (HERE / f"{name}.json").write_text(json.dumps(expected) + "\n")
    print(name, len(onnx_bytes), "bytes")


def from_sklearn():
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows, bad = borrowers(2_000, seed=1)
    holed = rows.copy()
    holed[numpy.random.default_rng(2).uniform(size=rows.shape) < 0.05] = numpy.nan
    mlp = lambda: MLPClassifier(hidden_layer_sizes=(16, 8), max_iter=30, random_state=1)
    models = {
        "sklearn_mlp": (make_pipeline(SimpleImputer(), StandardScaler(), mlp()), holed),
        "sklearn_logistic": (make_pipeline(StandardScaler(), LogisticRegression()), rows),
        "sklearn_columns": (
            make_pipeline(
                ColumnTransformer(
                    [
                        ("delays", StandardScaler(), slice(0, 6)),
                        ("rest", StandardScaler(), [13, 12]),
                    ]
                ),
                mlp(),
            ),
            rows,
        ),
    }
    for name, (model, data) in models.items():
        model.fit(data, bad)
        onnx = to_onnx(
            model,
            initial_types=[("X", FloatTensorType([None, data.shape[1]]))],
            options={"zipmap": False},
        )
        probabilities = model.predict_proba(data[:ROWS])[:, 1]
        keep(name, onnx.SerializeToString(), data[:ROWS], probabilities)


def from_torch():
    import io

    import torch
    from torch import nn

    rows, bad = borrowers(2_000, seed=3)
    x, y = torch.tensor(rows), torch.tensor(bad)
    mean, deviation = x.mean(0), x.std(0)

    class Standard(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("mean", mean)
            self.register_buffer("deviation", deviation)

        def forward(self, x):
            return (x - self.mean) / self.deviation

    class Months(nn.Module):
        """A convolution over the two series, beside age and limit."""

        def __init__(self):
            super().__init__()
            # One mean and deviation a series, so that all months of it share the filters.
            self.register_buffer("mean", torch.stack([x[:, :6].mean(), x[:, 6:12].mean()])[:, None])
            self.register_buffer("deviation", torch.stack([x[:, :6].std(), x[:, 6:12].std()])[:, None])
            self.conv = nn.Conv1d(2, 4, 3)
            self.norm = nn.BatchNorm1d(4)
            self.hidden = nn.Linear(4 * 4 + 2, 8)
            self.last = nn.Linear(8, 1)
            self.register_buffer("plain_mean", mean[12:])
            self.register_buffer("plain_deviation", deviation[12:])

        def forward(self, x):
            months = (x[:, :12].reshape(-1, 2, 6) - self.mean) / self.deviation
            months = torch.relu(self.norm(self.conv(months))).flatten(1)
            plain = (x[:, 12:] - self.plain_mean) / self.plain_deviation
            hidden = torch.relu(self.hidden(torch.cat([months, plain], 1)))
            return torch.sigmoid(self.last(hidden))

    def dense(outputs, *end):
        return nn.Sequential(
            Standard(),
            nn.Linear(14, 16),
            nn.BatchNorm1d(16),
            nn.ReLU(),
            nn.Dropout(0.1),
            nn.Linear(16, 8),
            nn.ReLU(),
            nn.Linear(8, outputs),
            *end,
        )

    torch.manual_seed(1)
    models = {
        "torch_mlp": dense(1, nn.Sigmoid()),
        "torch_softmax": dense(2, nn.Softmax(1)),
        "torch_conv": Months(),
    }
    for name, model in models.items():
        optimizer = torch.optim.Adam(model.parameters(), 0.01)
        model.train()
        for _ in range(60):
            optimizer.zero_grad()
            probability = model(x)[:, -1]
            nn.functional.binary_cross_entropy(probability, y.float()).backward()
            optimizer.step()
        model.eval()
        file = io.BytesIO()
        torch.onnx.export(
            model,
            (x[:4],),
            file,
            input_names=["x"],
            output_names=["probability"],
            dynamic_axes={"x": {0: "rows"}, "probability": {0: "rows"}},
            dynamo=False,
        )
        with torch.no_grad():
            probabilities = model(x[:ROWS])[:, -1]
        keep(name, file.getvalue(), rows[:ROWS], probabilities)
        if name != "torch_mlp":
            continue
        # The newer exporter, too.
        program = torch.onnx.export(
            model,
            (x[:4],),
            input_names=["x"],
            dynamic_shapes=({0: torch.export.Dim("rows")},),
            dynamo=True,
        )
        proto = program.model_proto
        # The exporter notes the lines of this file under the maker's own path.
        for part in [proto, proto.graph, *proto.graph.node, *proto.graph.input, *proto.graph.output]:
            part.ClearField("metadata_props")
        for info in [*proto.graph.value_info, *proto.graph.initializer]:
            info.ClearField("metadata_props")
        keep("torch_dynamo", proto.SerializeToString(), rows[:ROWS], probabilities)


def from_keras():
    import tensorflow
    import tf2onnx
    from tensorflow import keras

    keras.utils.set_random_seed(1)
    rows, bad = borrowers(2_000, seed=4)
    layers = keras.layers

    def standard(data):
        layer = layers.Normalization()
        layer.adapt(data)
        return layer

    dense = keras.Sequential(
        [
            keras.Input((14,)),
            standard(rows),
            layers.Dense(16, activation="relu"),
            layers.Dense(8, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    delays = keras.Input((6,))
    months = layers.Reshape((6, 1))(delays)
    months = layers.Conv1D(4, 3, activation="relu")(months)
    months = layers.Flatten()(months)
    conv = keras.Model(delays, layers.Dense(1, activation="sigmoid")(months))
    for name, model, data in [("keras_dense", dense, rows), ("keras_conv", conv, rows[:, :6])]:
        model.compile("adam", "binary_crossentropy")
        model.fit(data, bad, epochs=5, verbose=0)
        signature = (tensorflow.TensorSpec((None, data.shape[1]), tensorflow.float32, name="x"),)
        onnx, _ = tf2onnx.convert.from_keras(model, input_signature=signature, opset=15)
        probabilities = model.predict(data[:ROWS], verbose=0)[:, 0]
        keep(name, onnx.SerializeToString(), data[:ROWS], probabilities)


{"sklearn": from_sklearn, "torch": from_torch, "keras": from_keras}[sys.argv[1]]()
