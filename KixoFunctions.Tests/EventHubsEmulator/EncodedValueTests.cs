using Amqp;
using Amqp.Types;
using CsCheck;
using Kixo.EventHubsEmulator.Wire;

namespace Kixo.Tests.EventHubsEmulator;

public sealed class EncodedValueTests
{
    private static readonly Gen<object?> Scalar = Gen.OneOf(
        Of(Gen.Bool), Of(Gen.Int), Of(Gen.UInt), Of(Gen.Long), Of(Gen.Guid), Of(Gen.String), Of(Gen.Byte.Array[0, 300]), Of(Gen.Int.Array[1, 9]),
        Of(Gen.String.Array[1, 4]), Gen.String[1, 9].Select(text => (object?)new Symbol(text)), Gen.Bool.Select(_ => (object?)null));

    private static readonly Gen<object?> Value = Gen.Recursive<object?>((depth, value) => depth > 4 ? Scalar : Gen.Frequency(
        (3, Scalar),
        (1, value.Array[0, 5].Select(items => (object?)ListOf(items))),
        (1, value.Array[0, 5].Select(items => (object?)MapOf(items))),
        (1, value.Select(item => (object?)new DescribedValue(77UL, item)))));

    [Fact]
    public void Measure_WhatTheLibraryEncodes_IsItsLength() => Value.Sample(value =>
    {
        var encoded = Encode(value);
        return EncodedValue.Measure([.. encoded, 1, 2, 3]) == encoded.Length;
    });

    [Fact]
    public void Measure_CutOffAnywhere_IsRefused() => Value.Sample(value =>
    {
        var encoded = Encode(value);
        Assert.All(Enumerable.Range(0, encoded.Length), length => Assert.Throws<InvalidDataException>(() => EncodedValue.Measure(encoded.AsSpan(0, length))));
    }, iter: 50);

    [Fact]
    public void Measure_RandomBytes_AreMeasuredOrRefused() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        try
        {
            return EncodedValue.Measure(bytes) <= bytes.Length;
        }
        catch (InvalidDataException)
        {
            return true;
        }
    }, iter: 10_000);

    [Theory]
    [InlineData("00")] // descriptors of descriptors
    [InlineData("C0F001")] // lists in lists
    [InlineData("E0F001E0F001")] // arrays of arrays
    public void Measure_NestedWithoutEnd_IsRefused(string level)
    {
        var bytes = Convert.FromHexString(string.Concat(Enumerable.Repeat(level, 100_000)));

        Assert.Throws<InvalidDataException>(() => EncodedValue.Measure(bytes));
    }

    [Theory]
    [InlineData("F0000000057FFFFFFF40")] // two billion times nothing
    [InlineData("D0000000047FFFFFFF")]
    [InlineData("D0FFFFFFFF00000001")]
    [InlineData("C000")]
    public void Measure_MoreThanThereIs_IsRefused(string hex) =>
        Assert.Throws<InvalidDataException>(() => EncodedValue.Measure(Convert.FromHexString(hex)));

    [Fact]
    public void Item_OfAList_IsFoundByItsNumber()
    {
        var list = Encode(ListOf([7U, true, "text", 70_000U]));

        Assert.Equal(7U, EncodedValue.UInt(EncodedValue.Item(list, 0)));
        Assert.True(EncodedValue.IsTrue(EncodedValue.Item(list, 1)));
        Assert.Equal(70_000U, EncodedValue.UInt(EncodedValue.Item(list, 3)));
        Assert.True(EncodedValue.Item(list, 4).IsEmpty);
    }

    private static Gen<object?> Of<T>(Gen<T> gen) => gen.Select(value => (object?)value);

    private static byte[] Encode(object? value)
    {
        var buffer = new ByteBuffer(64, autoGrow: true);
        Encoder.WriteObject(buffer, value);
        return buffer.Buffer.AsSpan(buffer.Offset, buffer.Length).ToArray();
    }

    private static List ListOf(object?[] items)
    {
        var list = new List();
        foreach (var item in items)
        {
            list.Add(item);
        }

        return list;
    }

    private static Map MapOf(object?[] items)
    {
        var map = new Map();
        foreach (var item in items)
        {
            map[$"key {map.Count}"] = item;
        }

        return map;
    }
}
