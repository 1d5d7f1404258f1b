"""The parts of benchmarks/delivery.py: a storm with kills, speed in process, WeChat's five seconds, a dead gateway."""
