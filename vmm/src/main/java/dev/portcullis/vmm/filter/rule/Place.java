package dev.portcullis.vmm.filter.rule;

/// Where in a ruleset something is.
///
/// @param table empty for the whole
/// @param item a chain's or a set's name; empty for the table
/// @param rule the chain's rule, from 1; 0 for the chain itself, or the set
public record Place(String table, String item, int rule) {
  public static final Place WHOLE = new Place("", "", 0);

  static Place of(Table table) {
    return new Place(table.name(), "", 0);
  }

  static Place of(Table table, String item) {
    return new Place(table.name(), item, 0);
  }

  static Place of(Table table, Chain chain, int rule) {
    return new Place(table.name(), chain.name(), rule);
  }

  @Override
  public String toString() {
    String within = item.isEmpty() ? "" : ", " + item;
    String which = rule == 0 ? "" : ", rule " + rule;
    return table.isEmpty() ? "ruleset" : "table " + table + within + which;
  }
}
