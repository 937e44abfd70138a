from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_bearer"),
    ]

    operations = [
        migrations.AddField(
            model_name="session",
            name="aws_credentials",
            field=models.TextField(default="", editable=False),
        ),
    ]
