// What the files of the grammar share: makers of shapes, and the shapes of facts. For grammar.cpp and
// expect_grammar.cpp only.
#pragma once

#include "core/scenario/grammar.h"

#include "core/scenario/fact.h"

namespace sessionscope {

/// Names of clients: what YAML, a path with dots and people can live with.
inline QString nameExpression()
{
    return QStringLiteral("[A-Za-z][A-Za-z0-9_-]*");
}

const Shape &connackShape();
const Shape &clientStateShape();
const Shape &sessionStateShape();
const Shape &brokerStateShape();

} // namespace sessionscope
