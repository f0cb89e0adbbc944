using Kixo.Cli;

namespace Kixo.Tests.Cli;

public sealed class StorageOptionsTests
{
    [Theory]
    [InlineData("https://kixo.table.core.windows.net", "blob", "https://kixo.blob.core.windows.net/")]
    [InlineData("https://kixo.blob.core.windows.net/", "table", "https://kixo.table.core.windows.net/")]
    [InlineData("https://kixo.dfs.core.windows.net/container", "blob", "https://kixo.blob.core.windows.net/")]
    [InlineData("https://blob.table.core.windows.net", "blob", "https://blob.blob.core.windows.net/")]
    [InlineData("https://kixo.table.core.chinacloudapi.cn", "blob", "https://kixo.blob.core.chinacloudapi.cn/")]
    [InlineData("https://storage.example.com:444", "blob", "https://storage.example.com:444/")]
    [InlineData("http://localhost:10002/", "blob", "http://localhost:10002/")]
    public void ServiceOf_AnAccountsUrl_IsThatServicesUrl(string account, string service, string expected) =>
        Assert.Equal(expected, StorageOptions.ServiceOf(new Uri(account), service).AbsoluteUri);
}
