"""What is done to the settings of people: see `itsm.accounts.operations` for people and teams themselves."""
