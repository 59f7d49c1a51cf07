"""How long what is over is kept: rules of administrators, a preview, and the nightly run that purges."""
