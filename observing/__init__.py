"""What an operator sees of the processes: logs, metrics, traces. Opaque ids, codes and numbers; never words or names of people."""
