package dev.portcullis.cli;

import dev.portcullis.vmm.platform.Examiner.Outcome;
import dev.portcullis.vmm.platform.description.Expectation;

/// Shows a platform while it runs.
interface RunView extends AutoCloseable {
  /// Shows nothing.
  RunView NONE =
      new RunView() {
        @Override
        public void begins(Expectation expectation) {}

        @Override
        public void came(Outcome outcome) {}

        @Override
        public void close() {}
      };

  /// A partition is about to do something.
  void begins(Expectation expectation);

  /// That is what came of it.
  void came(Outcome outcome);

  /// Shows no more.
  @Override
  void close();
}
