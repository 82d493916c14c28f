package dev.portcullis.vmm.platform.control;

import java.util.Map;
import java.util.function.Consumer;

/// Something more that can be asked for through a control socket.
@FunctionalInterface
public interface ControlVerb {
  /// Does it.
  ///
  /// @param request the values that were sent, as text
  /// @param tell sends something before the answer: how far it is, say. Never fails, also if
  ///   whoever asked has gone
  /// @return what the answer has besides `ok`
  /// @throws IllegalArgumentException if it is refused; the message is for people
  Map<String, Object> answer(Map<String, String> request, Consumer<Map<String, Object>> tell)
      throws InterruptedException;
}
