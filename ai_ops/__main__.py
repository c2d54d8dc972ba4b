"""`python -m ai_ops <verb>` is the same as `neuropilot <verb>`."""

from ai_ops.cli.main import main

if __name__ == "__main__":
    main()
