using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Kixo.EventHubsEmulator.Configuration;

/// <summary>Reads a certificate and its private key: PEM with both in one file, else PKCS#12 (.pfx).</summary>
internal static class CertificateFile
{
    /// <exception cref="ArgumentException">It cannot be read; the message says why.</exception>
    public static X509Certificate2 Load(string path, string? password)
    {
        try
        {
            var certificate = Path.GetExtension(path).Equals(".pem", StringComparison.OrdinalIgnoreCase)
                ? LoadPem(path, password)
                : X509CertificateLoader.LoadPkcs12FromFile(path, password);
            return certificate.HasPrivateKey ? certificate : throw new CryptographicException("it has no private key");
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"The certificate {path} cannot be used ({exception.Message.TrimEnd('.')}): it must be PKCS#12 or PEM with its private key, and its password, if it has one, be given.", exception);
        }
    }

    private static X509Certificate2 LoadPem(string path, string? password)
    {
        using var certificate = password is null
            ? X509Certificate2.CreateFromPemFile(path)
            : X509Certificate2.CreateFromEncryptedPemFile(path, password);
        // A key that was never stored cannot be used for TLS on Windows.
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
