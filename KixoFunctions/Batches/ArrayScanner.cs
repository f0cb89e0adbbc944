using System.Buffers;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace Kixo.Batches;

/// <summary>
/// Finds where a JSON array ends and how many elements it has, looking at brackets, commas and quotes only, 64 bytes at a time:
/// many times faster than tokenizing, so that the envelope behind <c>batch</c> is known before any event is looked at. On text
/// that is not JSON the answer is worth nothing; the events' reader finds that out.
/// </summary>
internal static class ArrayScanner
{
    private static readonly SearchValues<byte> Space = SearchValues.Create(" \t\r\n"u8);

    /// <param name="json">Text whose first byte is the array's opening bracket.</param>
    /// <param name="length">Bytes up to and with the closing bracket.</param>
    /// <param name="count">Elements.</param>
    /// <returns>False when the array does not end.</returns>
    public static bool TryMeasure(ReadOnlySpan<byte> json, out int length, out int count)
    {
        length = 0;
        count = json[1..].IndexOfAnyExcept(Space) is var first and >= 0 && json[first + 1] == ']' ? 0 : 1;

        var depth = 0;
        var strings = default(StringMask);
        Span<byte> last = stackalloc byte[Block.Length];
        for (var at = 0; at < json.Length; at += Block.Length)
        {
            scoped var rest = json[at..];
            if (rest.Length < Block.Length)
            {
                last.Clear();
                rest.CopyTo(last);
                rest = last;
            }

            var block = new Block(rest);
            var outside = ~strings.Next(block.Quotes, block.Backslashes);
            var opening = block.Opening & outside;
            var commas = block.Commas & outside;
            for (var brackets = opening | (block.Closing & outside); brackets != 0; brackets &= brackets - 1)
            {
                var bracket = brackets & (~brackets + 1);
                var before = bracket - 1;
                if (depth == 1)
                {
                    count += BitOperations.PopCount(commas & before);
                }

                commas &= ~before;
                depth += (opening & bracket) != 0 ? 1 : -1;
                if (depth == 0)
                {
                    length = at + BitOperations.TrailingZeroCount(bracket) + 1;
                    return true;
                }
            }

            if (depth == 1)
            {
                count += BitOperations.PopCount(commas);
            }
        }

        return false;
    }

    /// <summary>Of 64 bytes, where each kind of structure stands: a bit for each byte.</summary>
    private readonly ref struct Block
    {
        public const int Length = 64;

        // '[' and '{', and ']' and '}', differ in this bit only.
        private const byte CurlyBit = 0x20;

        private readonly Vector256<byte> _low;
        private readonly Vector256<byte> _high;

        public Block(ReadOnlySpan<byte> bytes)
        {
            _low = Vector256.Create(bytes);
            _high = Vector256.Create(bytes[Vector256<byte>.Count..]);
        }

        public ulong Quotes => Mask(_low, _high, (byte)'"');

        public ulong Backslashes => Mask(_low, _high, (byte)'\\');

        public ulong Commas => Mask(_low, _high, (byte)',');

        public ulong Opening => MaskOfBoth((byte)'{');

        public ulong Closing => MaskOfBoth((byte)'}');

        private ulong MaskOfBoth(byte curly)
        {
            var bit = Vector256.Create(CurlyBit);
            return Mask(_low | bit, _high | bit, curly);
        }

        private static ulong Mask(Vector256<byte> low, Vector256<byte> high, byte value)
        {
            var wanted = Vector256.Create(value);
            return Vector256.Equals(low, wanted).ExtractMostSignificantBits()
                | ((ulong)Vector256.Equals(high, wanted).ExtractMostSignificantBits() << Vector256<byte>.Count);
        }
    }

    /// <summary>Which bytes stand in a string, from block to block.</summary>
    private struct StringMask
    {
        private bool _escapes;
        private bool _inString;

        /// <returns>A bit for each byte from an opening quote up to its closing one, which is not among them.</returns>
        public ulong Next(ulong quotes, ulong backslashes)
        {
            var mask = PrefixXor(quotes & ~Escaped(backslashes));
            mask = _inString ? ~mask : mask;
            _inString = (long)mask < 0;
            return mask;
        }

        /// <returns>A bit for each byte behind a backslash that is not itself behind one.</returns>
        private ulong Escaped(ulong backslashes)
        {
            var escaped = _escapes ? 1UL : 0;
            _escapes = false;
            while ((backslashes & ~escaped) is var rest and not 0)
            {
                var backslash = rest & (~rest + 1);
                _escapes = (long)backslash < 0;
                escaped |= backslash << 1;
                backslashes &= ~(backslash | (backslash - 1));
            }

            return escaped;
        }

        /// <summary>In each bit, whether an odd number of bits is set up to it.</summary>
        private static ulong PrefixXor(ulong bits)
        {
            for (var shift = 1; shift < 64; shift *= 2)
            {
                bits ^= bits << shift;
            }

            return bits;
        }
    }
}
