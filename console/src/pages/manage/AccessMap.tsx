export default function AccessMap() {
  return null;
}
