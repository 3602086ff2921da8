// The icons of resources/icons, drawn in the theme's ink so that one file serves light and dark at every size.
#pragma once

#include <QIcon>

namespace sessionscope {

/// The icon resources/icons/NAME.svg. Follows the theme in force while it paints.
QIcon themedIcon(const char *name);

/// The program's own icon, in its own colours.
QIcon applicationIcon();

/// Makes icons, themes and statements of this library findable. Call once before the first window.
void initResources();

} // namespace sessionscope
