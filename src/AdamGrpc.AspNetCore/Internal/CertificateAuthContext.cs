using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grpc.Core;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>What a client's certificate says, under the property names that gRPC uses everywhere.</summary>
internal static class CertificateAuthContext
{
    private const string CommonName = "x509_common_name";
    private const string SubjectAlternativeName = "x509_subject_alternative_name";

    /// <param name="certificate">The certificate of the connection; null when it has none.</param>
    public static AuthContext Create(X509Certificate2? certificate)
    {
        Dictionary<string, List<AuthProperty>> properties = [];
        if (certificate is null)
        {
            return new AuthContext(null, properties);
        }

        string? identity = null;
        List<AuthProperty> alternatives = certificate.Extensions
            .OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames())
            .Select(name => Property(SubjectAlternativeName, name))
            .ToList();
        if (alternatives.Count > 0)
        {
            properties[SubjectAlternativeName] = alternatives;
            identity = SubjectAlternativeName;
        }

        string commonName = certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        if (commonName.Length > 0)
        {
            properties[CommonName] = [Property(CommonName, commonName)];
            identity ??= CommonName;
        }

        return new AuthContext(identity, properties);
    }

    private static AuthProperty Property(string name, string value) => AuthProperty.Create(name, Encoding.UTF8.GetBytes(value));
}
