// Ctrl-C as a wish rather than an end: a flag that a long command asks for between two steps.
#pragma once

namespace mulberry {

/// From now on the first SIGINT or SIGTERM sets the flag; a second one ends the process as usual.
void CatchInterrupts();

/// Whether one has come.
bool Interrupted();

}  // namespace mulberry
