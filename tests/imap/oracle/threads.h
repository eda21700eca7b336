// THREAD by the letter of RFC 5256 §3 and of draft-ietf-morg-inthread, slowly, for tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace mail::test::oracle {

/// What threading knows of a message.
struct Threaded {
    std::uint32_t number; ///< by which it is told, ascending
    std::int64_t sent; ///< the sent date, or INTERNALDATE
    std::int64_t arrived;
    std::string base; ///< folded
    bool is_reply_or_forward;
    std::string id; ///< empty: none
    std::vector<std::string> references;
};

struct Node {
    Threaded const* message = nullptr; ///< null: a dummy
    Node* parent = nullptr;
    std::vector<Node*> children;
};

class Threads {
public:
    explicit Threads(std::vector<Threaded> const& messages)
        : messages_(messages)
    {
    }

    std::string by_subject()
    {
        std::map<std::string, std::vector<Threaded const*>> subjects;
        for (auto const& message : messages_)
            subjects[message.base].push_back(&message);
        std::vector<Node*> roots;
        for (auto& [_, thread] : subjects) {
            std::ranges::sort(thread, [](auto const* a, auto const* b) { return before(*a, *b); });
            auto* const root = make(thread[0]);
            for (std::size_t i = 1; i < thread.size(); ++i)
                root->children.push_back(make(thread[i]));
            roots.push_back(root);
        }
        sort(roots);
        return text_of(roots);
    }

    std::string by_references()
    {
        link();
        auto roots = pruned();
        for (auto* const root : roots)
            if (!root->message)
                sort(root->children);
        sort(roots);
        merge(roots);
        for (auto* const root : roots)
            sort_below(root);
        sort(roots);
        return text_of(roots);
    }

    std::string by_refs()
    {
        link();
        auto roots = pruned();
        for (auto* const root : roots)
            sort_below(root);
        sort(roots);
        std::ranges::stable_sort(roots, [](Node* a, Node* b) { return newest(a) < newest(b); });
        return text_of(roots);
    }

private:
    static bool before(Threaded const& a, Threaded const& b)
    {
        return a.sent != b.sent ? a.sent < b.sent : a.number < b.number;
    }
    static Threaded const& head(Node const* node)
    {
        return node->message ? *node->message : *node->children[0]->message;
    }
    static void sort(std::vector<Node*>& nodes)
    {
        std::ranges::stable_sort(nodes, [](Node* a, Node* b) { return before(head(a), head(b)); });
    }
    static void sort_below(Node* node)
    {
        for (auto* const child : node->children)
            sort_below(child);
        sort(node->children);
    }
    static std::int64_t newest(Node const* node)
    {
        std::int64_t latest = node->message ? node->message->arrived : INT64_MIN;
        for (auto const* const child : node->children)
            latest = std::max(latest, newest(child));
        return latest;
    }

    Node* make(Threaded const* message)
    {
        nodes_.push_back(std::make_unique<Node>());
        nodes_.back()->message = message;
        return nodes_.back().get();
    }

    Node* node_of(std::string const& id)
    {
        auto& node = by_id_[id];
        if (!node)
            node = make(nullptr);
        return node;
    }

    static bool is_below(Node const* node, Node const* above)
    {
        for (; node; node = node->parent)
            if (node == above)
                return true;
        return false;
    }

    static void unlink(Node* node)
    {
        if (node->parent)
            std::erase(node->parent->children, node);
        node->parent = nullptr;
    }
    static void link(Node* parent, Node* child)
    {
        if (is_below(parent, child))
            return;
        unlink(child);
        child->parent = parent;
        parent->children.push_back(child);
    }

    /// Step 1.
    void link()
    {
        for (auto const& message : messages_) {
            Node* own = nullptr;
            if (!message.id.empty()) {
                own = node_of(message.id);
                if (own->message)
                    own = nullptr; // a message before it has this id
            }
            if (!own)
                own = make(nullptr);
            own->message = &message;
            Node* last = nullptr;
            for (auto const& reference : message.references) {
                auto* const next = node_of(reference);
                if (last && !next->parent)
                    link(last, next);
                last = next;
            }
            unlink(own);
            if (last)
                link(last, own);
        }
    }

    /// Steps 2 and 3.
    std::vector<Node*> pruned()
    {
        std::vector<Node*> roots;
        for (auto const& node : nodes_)
            if (!node->parent)
                roots.push_back(node.get());
        std::vector<Node*> kept;
        for (auto* const root : roots) {
            root->children = pruned_below(*root);
            if (root->message || root->children.size() > 1)
                kept.push_back(root);
            else if (!root->children.empty())
                kept.push_back(root->children[0]);
        }
        return kept;
    }
    std::vector<Node*> pruned_below(Node const& node)
    {
        std::vector<Node*> kept;
        for (auto* const child : node.children) {
            auto below = pruned_below(*child);
            if (child->message) {
                child->children = below;
                kept.push_back(child);
            } else
                kept.insert(kept.end(), below.begin(), below.end());
        }
        return kept;
    }

    /// Step 5.
    void merge(std::vector<Node*>& roots)
    {
        std::map<std::string, Node*> table;
        auto const is_reply = [](Node* node) { return head(node).is_reply_or_forward; };
        for (auto* const root : roots) {
            if (head(root).base.empty())
                continue;
            auto const [place, is_new] = table.try_emplace(head(root).base, root);
            if (!is_new && place->second->message
                && (!root->message || (is_reply(place->second) && !is_reply(root))))
                place->second = root;
        }
        std::vector<Node*> left;
        for (auto* const root : roots) {
            auto const& base = head(root).base;
            auto* const other = base.empty() ? root : table[base];
            if (other == root) {
                left.push_back(root);
            } else if (!other->message && !root->message) {
                other->children.insert(
                    other->children.end(), root->children.begin(), root->children.end());
            } else if (!other->message || (is_reply(root) && !is_reply(other))) {
                other->children.push_back(root);
            } else {
                auto* const dummy = make(nullptr);
                dummy->children = { other, root };
                std::ranges::replace(left, other, dummy); // it came before: it is no reply either
                table[base] = dummy;
            }
        }
        roots = left;
    }

    static std::string text_of(std::vector<Node*> const& roots)
    {
        std::string text;
        for (auto const* const root : roots)
            text += "(" + text_of(root) + ")";
        return text;
    }
    static std::string text_of(Node const* node)
    {
        std::string text = node->message ? std::to_string(node->message->number) : "";
        if (node->children.empty())
            return text;
        if (node->children.size() == 1)
            return text + " " + text_of(node->children[0]);
        text += text.empty() ? "" : " ";
        for (auto const* const child : node->children)
            text += "(" + text_of(child) + ")";
        return text;
    }

    std::vector<Threaded> const& messages_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::map<std::string, Node*> by_id_;
};

} // namespace mail::test::oracle
