// SPDX-License-Identifier: Apache-2.0
//
// An ONNX file made by hand: the protobuf of onnx.proto (IR version 7, opset 11), of which as much as a small net takes. ModelProto 1 ir_version,
// 7 graph, 8 opset_import; GraphProto 1 node, 2 name, 5 initializer, 11 input, 12 output; NodeProto 1 input, 2 output, 4 op_type, 5 attribute;
// AttributeProto 1 name, 8 ints, 20 type (7: ints); TensorProto 1 dims, 2 data_type (1: float, 7: int64), 8 name, 9 raw_data; ValueInfoProto 1 name,
// 2 type; TypeProto 1 tensor_type; its 1 elem_type, 2 shape; TensorShapeProto 1 dim; its 1 dim_value.
#pragma once

#include "daemon/base/bytes.hpp"

#include <bit>
#include <initializer_list>
#include <string>
#include <vector>

namespace gatehouse::pipelines::watch::onnx {

class Message {
public:
    Message& number(int field, std::uint64_t value) {
        varint(static_cast<std::uint64_t>(field) << 3);
        varint(value);
        return *this;
    }
    Message& text(int field, std::string_view value) {
        varint(static_cast<std::uint64_t>(field) << 3 | 2);
        varint(value.size());
        bytes_.insert(bytes_.end(), value.begin(), value.end());
        return *this;
    }
    Message& message(int field, const Message& value) { return text(field, as_text(value.bytes_)); }
    const Bytes& bytes() const { return bytes_; }

private:
    void varint(std::uint64_t value) {
        for (; value >= 128; value >>= 7) bytes_.push_back(static_cast<std::uint8_t>(value | 128));
        bytes_.push_back(static_cast<std::uint8_t>(value));
    }
    Bytes bytes_;
};

inline Message tensor(std::string_view name, std::initializer_list<std::uint64_t> dims, const std::vector<float>& values) {
    Message out;
    for (const auto dim : dims) out.number(1, dim);
    std::string raw;
    for (const float value : values) {
        const auto bits = std::bit_cast<std::uint32_t>(value);
        for (int shift = 0; shift < 32; shift += 8) raw += static_cast<char>(bits >> shift & 255);
    }
    return out.number(2, 1).text(8, name).text(9, raw);
}

inline Message whole_numbers(std::string_view name, const std::vector<std::int64_t>& values) {
    Message out;
    std::string raw;
    for (const std::int64_t value : values)
        for (int shift = 0; shift < 64; shift += 8) raw += static_cast<char>(static_cast<std::uint64_t>(value) >> shift & 255);
    return out.number(1, values.size()).number(2, 7).text(8, name).text(9, raw);
}

inline Message value_info(std::string_view name, std::initializer_list<std::uint64_t> dims) {
    Message shape;
    for (const auto dim : dims) shape.message(1, Message().number(1, dim));
    return Message().text(1, name).message(2, Message().message(1, Message().number(1, 1).message(2, shape)));
}

inline Message node(std::string_view op, std::initializer_list<std::string_view> inputs, std::string_view output) {
    Message out;
    for (const auto input : inputs) out.text(1, input);
    return out.text(2, output).text(4, op);
}

inline Message ints(std::string_view name, std::initializer_list<std::uint64_t> values) {
    Message out;
    out.text(1, name);
    for (const auto value : values) out.number(8, value);
    return out.number(20, 7);
}

/// Looks at the left and at the right half of 32 by 32 pixels: one Conv over the whole picture, a ReLU, a Reshape to [1, 2, 5 + 2]. Box 0 is the left
/// half, box 1 the right one, certain by how bright its half is (1 at white); class 0 is red, class 1 is blue (channels 0 and 2 as they come in).
inline Bytes halves_model(bool reshaped = true) {
    constexpr int side = 32, numbers = 7;
    std::vector<float> weights(2 * numbers * 3 * side * side, 0), biases(2 * numbers, 0);
    const auto weigh = [&](int out, int channel, bool right, float weight) {
        for (int y = 0; y < side; ++y)
            for (int x = right ? side / 2 : 0; x < (right ? side : side / 2); ++x)
                weights[static_cast<std::size_t>(((out * 3 + channel) * side + y) * side + x)] = weight;
    };
    for (int half = 0; half < 2; ++half) {
        const auto bias = biases.begin() + half * numbers;
        bias[0] = half == 0 ? 8.0f : 24.0f; // centre x, centre y, width, height
        bias[1] = 16, bias[2] = 16, bias[3] = 32;
        bias[4] = 1;
        constexpr float mean = 2.0f / (side * side);
        weigh(half * numbers + 5, 0, half == 1, mean);
        weigh(half * numbers + 6, 2, half == 1, mean);
    }
    Message graph;
    graph.message(1, node("Conv", {"picture", "weights", "biases"}, "summed").message(5, ints("kernel_shape", {side, side})));
    graph.message(1, node("Relu", {"summed"}, reshaped ? "positive" : "found"));
    if (reshaped) graph.message(1, node("Reshape", {"positive", "shape"}, "found"));
    graph.text(2, "halves");
    graph.message(5, tensor("weights", {2 * numbers, 3, side, side}, weights));
    graph.message(5, tensor("biases", {2 * numbers}, biases));
    if (reshaped) graph.message(5, whole_numbers("shape", {1, 2, numbers}));
    graph.message(11, value_info("picture", {1, 3, side, side}));
    graph.message(12, reshaped ? value_info("found", {1, 2, numbers}) : value_info("found", {1, 2 * numbers, 1, 1}));
    return Message().number(1, 7).message(7, graph).message(8, Message().text(1, "").number(2, 11)).bytes();
}

} // namespace gatehouse::pipelines::watch::onnx
