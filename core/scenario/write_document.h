// A tree of values as a YAML file that reads back as the same tree: for scenarios that the program writes itself.
// Comments and places are not part of the tree and are not written.
#pragma once

#include "core/scenario/document.h"

namespace sessionscope {

/// Lists and mappings stand in blocks down to the depth that people read line by line, below that in one line.
QByteArray writeDocument(const Node &root);

/// For trees that are not read but made.
Node scalarNode(const QString &text);
Node flagNode(bool flag);
Node numberNode(quint64 number);
Node listNode(std::vector<Node> items);
/// { key: value }
Node mapNode(const QString &key, Node value);
/// Appends an entry, or replaces the one of this key.
void setEntry(Node &map, const QString &key, Node value);

} // namespace sessionscope
