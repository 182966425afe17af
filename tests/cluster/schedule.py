"""What goes wrong and when, drawn from a seed: the same seed gives the same schedule."""
import dataclasses
import random

BACKENDS = ("postgresql", "redis", "rabbitmq")


@dataclasses.dataclass(frozen=True, order=True)
class Fault:
    at: float  # seconds behind the beginning
    what: str
    target: str
    seconds: float  # how long it lasts

    def __str__(self):
        return f"{self.at:6.1f} s  {self.what} {self.target} for {self.seconds:.1f} s"


def draw(seed, seconds, nodes, subscribers):
    """One line of faults per thing that can fail, so that none is broken twice at once; sorted by time."""
    chance = random.Random(f"schedule {seed}")
    faults = []

    def line(every, fault):
        at = chance.uniform(0.5, every)
        while at < seconds:
            one = fault(at)
            faults.append(one)
            at += one.seconds + chance.uniform(0.5, 1.5) * every

    for node in nodes:
        line(14, lambda at, name=node: Fault(
            at, chance.choice(["kill -9", "kill -9", "stop"]), name, chance.uniform(0.2, 4)))
        for backend in BACKENDS:
            line(16, lambda at, name=f"{node}/{backend}": Fault(
                at, chance.choice(["cut", "hold", "slow", "drop"]), name, chance.uniform(0.2, 5)))
    line(14, lambda at: Fault(at, chance.choice(["stop", "kill -9"]), "rabbitmq", chance.uniform(0.1, 4)))
    line(12, lambda at: Fault(at, chance.choice(["kill -9", "empty"]), "redis", chance.uniform(0.1, 3)))
    line(14, lambda at: Fault(at, chance.choice(["stop", "kill -9"]), "postgresql", chance.uniform(0.1, 4)))
    for subscriber in subscribers:
        line(25, lambda at, name=subscriber: Fault(at, "stop reading", name, chance.uniform(1, 6)))
    return sorted(faults)
