"""What is proven about a point, and how: `certification` finds a certificate, `kkt` states the conditions."""
