/// The rules of the house that neither the compiler nor the module system can hold.
package dev.portcullis.archrules;
