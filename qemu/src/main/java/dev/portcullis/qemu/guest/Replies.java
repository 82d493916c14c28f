package dev.portcullis.qemu.guest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a guest says of itself, a line each: that it takes commands, and how each of them ended.
///
/// ```
///   ready
///   MARK EXIT-CODE
/// ```
///
/// A thread of its own always reads.
final class Replies {
  /// Longer lines are none of the guest's own.
  private static final int MOST_CHARACTERS = 1024;

  private static final Pattern REPLY = Pattern.compile("([0-9a-f]+) ([0-9]{1,3})$");

  private final InputStream input;
  private final Runnable onReady;
  private CompletableFuture<Void> ready = new CompletableFuture<>();
  private Optional<Wanted> wanted = Optional.empty();
  private Optional<IOException> end = Optional.empty();

  private record Wanted(String mark, CompletableFuture<Integer> code) {}

  /// @param onReady told, before anybody who waits for it, that a guest that began anew takes
  ///   commands
  Replies(InputStream input, Runnable onReady) {
    this.input = input;
    this.onReady = onReady;
    Thread.ofVirtual().name("guest replies").start(this::read);
  }

  /// Done when the guest takes commands, from its last beginning on.
  synchronized CompletableFuture<Void> ready() {
    return ready;
  }

  /// From now on, [#ready] is about its next beginning.
  synchronized void takeReady() {
    if (ready.isDone() && end.isEmpty()) {
      ready = new CompletableFuture<>();
    }
  }

  /// The exit code of the command with `mark`; who waited for another waits in vain.
  synchronized CompletableFuture<Integer> expect(String mark) {
    abandon("another command was begun");
    Wanted next = new Wanted(mark, new CompletableFuture<>());
    end.ifPresentOrElse(next.code::completeExceptionally, () -> wanted = Optional.of(next));
    return next.code;
  }

  /// Whoever waits for an exit code need not wait any more.
  synchronized void abandon(String why) {
    wanted.ifPresent(one -> one.code.completeExceptionally(new IOException(why)));
    wanted = Optional.empty();
  }

  private void read() {
    try (var reader =
        new BufferedReader(new InputStreamReader(input, StandardCharsets.ISO_8859_1))) {
      StringBuilder line = new StringBuilder();
      for (int next = reader.read(); next >= 0; next = reader.read()) {
        if (next == '\n') {
          take(line.toString());
          line.setLength(0);
        } else if (line.length() < MOST_CHARACTERS) {
          line.append((char) next);
        }
      }
      close(new IOException("the machine ended"));
    } catch (IOException e) {
      close(e);
    }
  }

  /// Before "ready" there may be what the guest wrote when it was reset.
  private void take(String line) {
    if (line.endsWith("ready")) {
      onReady.run();
      becomeReady();
      return;
    }
    Matcher reply = REPLY.matcher(line);
    if (reply.find()) {
      end(reply.group(1), Integer.parseInt(reply.group(2)));
    }
  }

  private synchronized void becomeReady() {
    ready.complete(null);
  }

  private synchronized void end(String mark, int code) {
    if (wanted.filter(one -> mark.endsWith(one.mark)).isPresent()) {
      wanted.get().code.complete(code);
      wanted = Optional.empty();
    }
  }

  private synchronized void close(IOException why) {
    end = Optional.of(why);
    if (!ready.completeExceptionally(why)) {
      ready = CompletableFuture.failedFuture(why);
    }
    abandon(why.getMessage());
  }
}
