using Kixo.Keys;

namespace Kixo.Tests.Keys;

public sealed class ApiKeyHashTests
{
    // The test vector of FIPS 180-2.
    [Fact]
    public void Of_Key_IsItsSha256InLowerCaseHexadecimal() =>
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", ApiKeyHash.Of("abc"));
}
