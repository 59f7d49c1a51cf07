"""The one migration of an app makes its tables anew, and Django spends a third of a minute on drawing models again.

After each operation Django renders the changed model and every model that is related to it, because they may hold on to
the class that was. Nobody holds on to a model that is new, and a trigger, an index or a constraint changes no field:
here a new model is rendered by itself, and after the others nothing is. A field that is added later (two tables that
know each other) is given to the class that is there, which so stays the one that others hold on to. What is sent to the
database is the same (tests/itsm/test_first_migration.py).
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger

# None of them changes a field of a model: they say themselves what they send to the database.
_DRAWS_NOTHING = (AddTrigger, migrations.AddConstraint, migrations.AddIndex)
_ALONE = (migrations.CreateModel, migrations.AddField, *_DRAWS_NOTHING)


class FirstMigration(migrations.Migration):
    """`initial` of an app of ours: `class Migration(FirstMigration)`."""

    def apply(
        self, project_state: ProjectState, schema_editor: BaseDatabaseSchemaEditor, collect_sql: bool = False
    ) -> ProjectState:
        """As Django's, and as its result; models that are new are rendered once."""
        if collect_sql:  # `sqlmigrate` puts words between
            return super().apply(project_state, schema_editor, collect_sql)
        for operation in self.operations:
            if isinstance(operation, _ALONE):
                self._alone(operation, project_state)
                operation.database_forwards(self.app_label, schema_editor, project_state, project_state)
            else:
                before = project_state.clone()
                operation.state_forwards(self.app_label, project_state)
                operation.database_forwards(self.app_label, schema_editor, before, project_state)
        return project_state

    def _alone(self, operation: Operation, state: ProjectState) -> None:
        """The operation's change of the state; of the rendered models only the one that it names is touched."""
        rendered = state.__dict__.pop("apps", None)  # while it is not there, nothing is rendered again
        operation.state_forwards(self.app_label, state)
        if rendered is None:
            return
        state.__dict__["apps"] = rendered
        if isinstance(operation, migrations.CreateModel):
            rendered.render_multiple([state.models[self.app_label, operation.name_lower]])
        elif isinstance(operation, migrations.AddField):
            field = state.models[self.app_label, operation.model_name_lower].fields[operation.name]
            rendered.get_model(self.app_label, operation.model_name).add_to_class(operation.name, field.clone())
            rendered.clear_cache()  # what fields and relations models have was looked up before
