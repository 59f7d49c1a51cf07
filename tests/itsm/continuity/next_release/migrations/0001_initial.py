from importlib import import_module

Migration = import_module("itsm.configuration.migrations.0001_initial").Migration
