"""What is stored of problems."""

from incidents.problem.models.broadcasts import Broadcast, BroadcastDelivery
from incidents.problem.models.burn import ProblemBurn, ProblemRanking
from incidents.problem.models.fixes import FixWord
from incidents.problem.models.problems import FOUND_BY, Problem

__all__ = ["FOUND_BY", "Broadcast", "BroadcastDelivery", "FixWord", "Problem", "ProblemBurn", "ProblemRanking"]
