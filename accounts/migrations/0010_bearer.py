from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_synchronisation"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="tokens_valid_from",
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
