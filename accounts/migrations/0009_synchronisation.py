from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_audit"),
    ]

    operations = [
        migrations.CreateModel(
            name="Synchronisation",
            fields=[
                ("issuer", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("run", models.UUIDField(null=True)),
                ("lease", models.DateTimeField(null=True)),
                ("begun_at", models.DateTimeField(null=True)),
                ("page_token", models.TextField(default="")),
                ("listed", models.BooleanField(default=False)),
                ("newest", models.BigIntegerField(default=0)),
                ("met", models.BinaryField(default=bytes)),
                ("counts", models.JSONField(default=dict)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
        ),
    ]
