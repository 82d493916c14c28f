package dev.portcullis.management.account;

import java.nio.file.Path;
import java.time.InstantSource;

/// Adds accounts to a file, as fast as it can.
final class AccountsWriter {
  private AccountsWriter() {}

  /// @param arguments the file; what names begin with; how many
  public static void main(String[] arguments) throws Exception {
    Accounts accounts = new Accounts(Path.of(arguments[0]), InstantSource.system());
    System.out.println("ready");
    System.in.read();
    for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
      accounts.add(new Account(arguments[1] + i, Role.OPERATOR), "a long password");
    }
    System.out.println("done");
    System.in.read();
  }
}
