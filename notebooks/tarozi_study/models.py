"""How the heads of ``georgia-parole`` are fitted together: the three years as one stack, violation by itself."""

from dataclasses import replace

from . import additive, learn
from .data import matrix
from .heads import HEADS
from .inputs import RELEASE

SETTINGS = {
    "recidivism": learn.Settings(),
    "violation": learn.Settings(rounds=600, smallest_leaf=150, unknown="drawn"),
}


def fit_heads(sample, seed: int, inputs=RELEASE, settings=SETTINGS, **changes) -> dict:
    """Head id -> Additive, trained on all rows of the sample that are at risk."""
    binned = additive.bins(inputs, matrix(inputs, sample.frame))
    fitted = {}
    for outcome, chosen in settings.items():
        heads = [head for head in HEADS if head.outcome == outcome]
        models = learn.fit(
            inputs,
            binned,
            [head.at_risk(sample.outcomes) for head in heads],
            [head.happened(sample.outcomes) for head in heads],
            replace(chosen, **changes),
            seed,
        )
        fitted |= {head.id: model for head, model in zip(heads, models, strict=True)}
    return fitted


def margins(fitted: dict, frame) -> dict:
    """Head id -> margins for the rows of a frame."""
    return {
        head: model.margin(additive.bins(model.inputs, matrix(model.inputs, frame))) for head, model in fitted.items()
    }
