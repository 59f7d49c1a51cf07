"""What a browser is given when its owner agrees to be shown news."""

from django import forms

from itsm.forms import Form


class DeviceForm(Form):
    name = forms.CharField(max_length=120, required=False)
    endpoint = forms.CharField(max_length=1000)
    p256dh = forms.CharField(max_length=100)
    auth = forms.CharField(max_length=40)
