using System.Globalization;
using System.Reflection;

namespace Kixo.Tests.StandIns.EventHubs;

/// <summary>Writes types and their public and protected members as lines of text.</summary>
internal static class ApiListing
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Lines such as <c>Namespace.Type: static string Name { get; }</c>, and one line for the type itself.</summary>
    public static IEnumerable<string> Of(Type type)
    {
        var name = FullName(type);
        yield return $"{name}: {Kind(type)}{Bases(type)}";
        var members = type.IsEnum
            ? Enum.GetValuesAsUnderlyingType(type).Cast<object>().Select(value => $"{Enum.GetName(type, value)} = {value}")
            : [
                .. type.GetConstructors(Declared & ~BindingFlags.Static).Where(IsVisible).Select(each => $"{Access(each)}ctor({Parameters(each)})"),
                .. type.GetFields(Declared).Where(each => each.IsPublic || each.IsFamily).Select(Field),
                .. type.GetProperties(Declared).Where(each => each.GetAccessors(true).Any(IsVisible)).Select(Property),
                .. type.GetMethods(Declared).Where(IsVisible).Where(IsMethod).Select(Method),
            ];
        foreach (var member in members)
        {
            yield return $"{name}: {member}";
        }
    }

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsMethod(MethodInfo method) => !method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal);

    private static string FullName(Type type) =>
        type.DeclaringType is { } outer ? $"{FullName(outer)}.{type.Name}" : $"{type.Namespace}.{type.Name}";

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsValueType: true } => "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        { IsSealed: true } => "sealed class",
        _ => "class",
    };

    private static string Bases(Type type)
    {
        if (type.IsEnum)
        {
            return "";
        }

        var inherited = type.BaseType?.GetInterfaces() ?? [];
        var bases = type.GetInterfaces().Except(inherited).Select(Name).ToList();
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
        {
            bases.Insert(0, Name(parent));
        }

        return bases.Count == 0 ? "" : $" : {string.Join(", ", bases)}";
    }

    private static string Field(FieldInfo field) => field.IsLiteral
        ? $"const {Name(field.FieldType)} {field.Name} = {field.GetRawConstantValue()}"
        : $"{(field.IsStatic ? "static " : "")}{Name(field.FieldType)} {field.Name}";

    private static string Property(PropertyInfo property)
    {
        var accessors = property.GetAccessors(true).Where(IsVisible).ToList();
        var access = accessors.Any(each => each.IsPublic) ? "" : "protected ";
        var get = property.GetMethod is { } getter && IsVisible(getter) ? "get; " : "";
        var set = property.SetMethod is { } setter && IsVisible(setter) ? $"{(access.Length == 0 ? Access(setter) : "")}set; " : "";
        return $"{access}{Modifiers(accessors[0])}{Name(property.PropertyType)} {property.Name} {{ {get}{set}}}";
    }

    private static string Method(MethodInfo method)
    {
        var name = method.Name switch
        {
            "op_Equality" => "operator ==",
            "op_Inequality" => "operator !=",
            _ => method.Name,
        };
        return $"{Access(method)}{Modifiers(method)}{Name(method.ReturnType)} {name}({Parameters(method)})";
    }

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Modifiers(MethodInfo method) => method switch
    {
        { IsStatic: true } => "static ",
        { IsAbstract: true } => "abstract ",
        { IsVirtual: true } when method.GetBaseDefinition() != method => "override ",
        { IsVirtual: true, IsFinal: false } => "virtual ",
        _ => "",
    };

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var type = parameter.IsOut ? $"out {Name(parameter.ParameterType.GetElementType()!)}" : Name(parameter.ParameterType);
        var value = parameter switch
        {
            { HasDefaultValue: false } => "",
            { DefaultValue: null, ParameterType.IsValueType: true } => " = default",
            { DefaultValue: null } => " = null",
            { DefaultValue: bool flag } => flag ? " = true" : " = false",
            { DefaultValue: var other } => $" = {Convert.ToString(other, CultureInfo.InvariantCulture)}",
        };
        return $"{type} {parameter.Name}{value}";
    }

    private static string Name(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return $"{Name(underlying)}?";
        }

        if (type.IsArray)
        {
            return $"{Name(type.GetElementType()!)}[]";
        }

        if (type.IsGenericType)
        {
            return $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
        }

        return type == typeof(void) ? "void"
            : type == typeof(object) ? "object"
            : type == typeof(string) ? "string"
            : type == typeof(bool) ? "bool"
            : type == typeof(byte) ? "byte"
            : type == typeof(int) ? "int"
            : type == typeof(uint) ? "uint"
            : type == typeof(long) ? "long"
            : type.Name;
    }
}
