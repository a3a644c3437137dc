/* The least program: how long it takes to start and end. */
int main(void) { return 0; }
