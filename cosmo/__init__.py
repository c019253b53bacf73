"""The kernel: orders, the lifecycle, events, outbox, module registry, ports, promise, identity, CLI."""
