"""What the app stores, for Django; a folder per sub-domain holds it."""

from catalog.agreements.models import Agreement, AgreementVersion
from catalog.environments.models import Environment, EnvironmentWord
from catalog.services.models import Dependency, Service
from catalog.services.vocabulary import Tier

__all__ = ["Agreement", "AgreementVersion", "Dependency", "Environment", "EnvironmentWord", "Service", "Tier"]
