"""What is stored of major incidents."""

from incidents.major.models.candidate_rules import CandidateRule
from incidents.major.models.majors import Major
from incidents.major.models.parts import MajorUpdate, PinnedMoment, Stakeholder

__all__ = ["CandidateRule", "Major", "MajorUpdate", "PinnedMoment", "Stakeholder"]
