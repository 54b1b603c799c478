"""`python -m altegio_partner.sandbox` is `altegio-sandbox`."""

from .command import main

if __name__ == "__main__":
    main()
