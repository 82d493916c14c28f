package dev.portcullis.management.access;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A condition in CEL about [Facts], of bounded length and bounded work.
///
/// Beside CEL's own functions there is `compareVersions(string, string)`: less than, equal to, or
/// greater than 0 in the order of Debian's package versions.
final class Expression {
  private static final int MOST_CHARACTERS = 4096;
  private static final int MOST_DEPTH = 64;
  private static final int MOST_ITERATIONS = 100_000;

  private static final Pattern MISTAKE =
      Pattern.compile("ERROR: [^:\\n]*:[0-9]+:([0-9]+): ([^\\n]*)");

  private static final CelOptions OPTIONS =
      CelOptions.current()
          .comprehensionMaxIterations(MOST_ITERATIONS)
          .maxExpressionCodePointSize(MOST_CHARACTERS)
          .maxParseRecursionDepth(MOST_DEPTH)
          .build();
  private static final CelCompiler COMPILER = compiler();
  private static final CelRuntime RUNTIME =
      CelRuntimeFactory.standardCelRuntimeBuilder()
          .setOptions(OPTIONS)
          .addFunctionBindings(
              CelFunctionBinding.from(
                  "compare_versions",
                  String.class,
                  String.class,
                  (one, other) -> (long) DebianVersion.compare(one, other)))
          .build();

  private final CelRuntime.Program program;

  /// A condition cannot be decided. The message says why.
  static final class UndecidedException extends Exception {
    private static final long serialVersionUID = 1;

    UndecidedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private Expression(CelRuntime.Program program) {
    this.program = program;
  }

  private static CelCompiler compiler() {
    CelType area = MapType.create(SimpleType.STRING, SimpleType.DYN);
    CelCompilerBuilder builder =
        CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(OPTIONS)
            .setStandardMacros(
                CelStandardMacro.HAS,
                CelStandardMacro.ALL,
                CelStandardMacro.EXISTS,
                CelStandardMacro.EXISTS_ONE,
                CelStandardMacro.MAP,
                CelStandardMacro.MAP_FILTER,
                CelStandardMacro.FILTER)
            .addVar("partition", SimpleType.STRING)
            .addFunctionDeclarations(
                CelFunctionDecl.newFunctionDeclaration(
                    "compareVersions",
                    CelOverloadDecl.newGlobalOverload(
                        "compare_versions", SimpleType.INT, SimpleType.STRING, SimpleType.STRING)));
    Facts.AREAS.forEach(name -> builder.addVar(name, area));
    return builder.build();
  }

  /// @throws IllegalArgumentException if it is none of CEL, or not a condition
  static Expression of(String text) {
    try {
      CelAbstractSyntaxTree tree = COMPILER.compile(text).getAst();
      if (!tree.getResultType().equals(SimpleType.BOOL)
          && !tree.getResultType().equals(SimpleType.DYN)) {
        throw new IllegalArgumentException(
            "it is of type %s, no condition".formatted(tree.getResultType().name()));
      }
      return new Expression(RUNTIME.createProgram(tree));
    } catch (CelValidationException e) {
      throw new IllegalArgumentException(words(e), e);
    } catch (CelEvaluationException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /// Whether it holds.
  ///
  /// @throws UndecidedException if it asks for what is not known, takes too much work, or has a
  ///   value that is neither true nor false
  boolean holds(Facts facts) throws UndecidedException {
    Object value;
    try {
      value = program.eval(facts.variables());
    } catch (CelEvaluationException e) {
      throw new UndecidedException(words(e), e);
    } catch (RuntimeException e) {
      // What the library did not foresee must not let anybody in.
      throw new UndecidedException("it cannot be evaluated: " + e.getMessage(), e);
    }
    if (value instanceof Boolean truth) {
      return truth;
    }
    throw new UndecidedException("its value is neither true nor false", null);
  }

  /// The first of several: line, column and text.
  private static String words(CelValidationException e) {
    Matcher first = MISTAKE.matcher(e.getMessage());
    return first.find()
        ? "column %s of the expression: %s".formatted(first.group(1), first.group(2).strip())
        : e.getMessage().lines().findFirst().orElse("it is no CEL");
  }

  private static String words(CelEvaluationException e) {
    return e.getMessage().replaceFirst("^evaluation error( at [^:]*:[0-9]+)?: ", "");
  }
}
