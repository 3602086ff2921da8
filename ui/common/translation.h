// The words of the window in the user's language. English has a translation too: it holds the plurals.
#pragma once

namespace sessionscope {

/// Installs this program's and Qt's own translations for the system's locale; English where there is none.
/// Without compiled translations the source texts are shown.
void installTranslations();

} // namespace sessionscope
